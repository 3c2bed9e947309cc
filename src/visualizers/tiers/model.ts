/** What translated code is made of: a region in figures, and its wasm by kind of instruction. */
import type { CodeInspection, RegionInspection } from '../../engine/state.ts';

export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly meaning: string;
}

const number = (value: number): string => value.toLocaleString('en');
const perOne = (part: number, whole: number): string => (whole === 0 ? '0' : (part / whole).toFixed(1));

export function figuresOf({
  entries,
  blocks,
  instructions,
  entered,
  size,
  compileTime,
  text,
}: RegionInspection): Figure[] {
  const wasm = text.length;
  return [
    { name: 'entries', value: number(entries.length), meaning: 'addresses at which it may be entered' },
    { name: 'blocks', value: number(blocks), meaning: 'stretches without a jump in or out' },
    {
      name: 'guest instructions',
      value: number(instructions),
      meaning: 'copies for other ways into a loop not counted',
    },
    {
      name: 'wasm instructions',
      value: number(wasm),
      meaning: `${perOne(wasm, instructions)} for each of the guest’s`,
    },
    { name: 'size', value: `${number(size)} bytes`, meaning: `${perOne(size, instructions)} for each instruction` },
    {
      name: 'translated in',
      value: `${compileTime.toFixed(2)} ms`,
      meaning: 'its share of the module; differs from run to run',
    },
    {
      name: 'entered',
      value: `${number(entered)} times`,
      meaning: 'lately; regions that run least are forgotten first',
    },
  ];
}

/** Kinds of wasm instructions, the first that fits counts. */
const kinds: readonly (readonly [string, RegExp])[] = [
  ['loads', /^[if]\d\d\.load/],
  ['stores', /^[if]\d\d\.store/],
  ['calls out', /^call/],
  ['control', /^(br|block|loop|if|else|end|return|unreachable|select)/],
  ['locals', /^local\./],
  ['constants', /\.const/],
  ['arithmetic', /^[if]\d\d\./],
];

export interface Share {
  readonly kind: string;
  readonly count: number;
  /** Of all, 0 to 1. */
  readonly part: number;
}

export function sharesOf(text: readonly string[]): Share[] {
  const counts = new Map<string, number>();
  for (const line of text) {
    const [kind = 'other'] = kinds.find(([, pattern]) => pattern.test(line.trim())) ?? [];
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts]
    .map(([kind, count]) => ({ kind, count, part: count / text.length }))
    .sort((a, b) => b.count - a.count);
}

export function tierText({ tier, visits, region }: CodeInspection): string {
  if (tier === 'translated' && region !== undefined) {
    return 'It is translated: a wasm function runs it, in a region with the code around it.';
  }
  if (visits === 0) return 'It is interpreted; no jump led here lately, back or from afar, that would make it hot.';
  return `It is interpreted. ${number(visits)} jumps led here lately; places that are jumped to often enough are translated.`;
}

/** Instructions are shown from the first entry on. */
export const firstOf = ({ entries }: RegionInspection): bigint | undefined =>
  entries.reduce<bigint | undefined>((least, each) => (least === undefined || each < least ? each : least), undefined);
