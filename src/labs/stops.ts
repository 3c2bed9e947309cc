/** Where a student wants a run to stop: lines and memory, each on a condition if need be. */
import { type CelInput, celUint } from '@bufbuild/cel';
import { type DebugInfo, openDebug } from '../engine/debug/debug.ts';
import { addressNamed, type Image } from '../engine/image.ts';
import { modeName } from '../engine/isa/privilege.ts';
import { abiNames } from '../engine/isa/registers.ts';
import type { Machine, Stop } from '../engine/machine/types.ts';
import type { Watch } from '../engine/machine/watches.ts';
import { Evaluator } from './cel.ts';
import { physicalAt } from './guest-code.ts';
import { sayAccess } from './memory-writers.ts';
import { type Observed, vocabularyOf } from './observations.ts';

export interface Breakpoint {
  readonly file: string;
  readonly line: number;
  /** CEL over the moment; stops where it is true, or cannot be told. */
  readonly condition?: string | undefined;
}

export interface Watchpoint {
  /** A symbol, an address, or one with an offset. */
  readonly what: string;
  readonly bytes: 1 | 2 | 4 | 8;
  readonly on: Watch['on'];
  readonly condition?: string | undefined;
}

export interface Stops {
  readonly breakpoints: readonly Breakpoint[];
  readonly watchpoints: readonly Watchpoint[];
}

export const noStops: Stops = { breakpoints: [], watchpoints: [] };

/** Stops as the machine needs them. */
export interface PlacedStops {
  readonly addresses: readonly bigint[];
  readonly watches: readonly Watch[];
  /** Why the machine stands still at a stop of these; undefined if a condition says to go on. */
  reason(stop: Stop): string | undefined;
}

export function placeStops(
  { breakpoints, watchpoints }: Stops,
  image: Image,
  machine: Machine,
  observe: () => Observed,
  debug: DebugInfo = openDebug(image),
): PlacedStops {
  const conditions = new Map<bigint, string | undefined>();
  for (const { file, line, condition } of breakpoints) {
    for (const address of debug.breakpointsAt(file, line)) conditions.set(address, condition);
  }
  const placed = watchpoints.flatMap((watchpoint) => {
    const watch = watchOf(watchpoint, image, machine);
    return watch === undefined ? [] : [{ watch, watchpoint }];
  });
  return {
    addresses: [...conditions.keys()],
    watches: placed.map(({ watch }) => watch),
    reason: (stop) => {
      if (stop.kind === 'breakpoint') return judge('At a breakpoint.', conditions.get(stop.pc), machine, observe);
      if (stop.kind !== 'watch') return '';
      const hit = placed.find(({ watch }) => touches(watch, stop));
      const what = hit?.watchpoint.what ?? 'a watched address';
      return judge(sayAccess(stop.by, stop.access, what), hit?.watchpoint.condition, machine, observe);
    },
  };
}

function watchOf({ what, bytes, on }: Watchpoint, image: Image, machine: Machine): Watch | undefined {
  const address = addressNamed(image.symbols, what);
  const physical = address === undefined ? undefined : (physicalAt(machine, address, 0) ?? address);
  return physical === undefined ? undefined : { start: Number(physical), bytes, on };
}

const touches = ({ start, bytes, on }: Watch, stop: Extract<Stop, { kind: 'watch' }>): boolean =>
  (on === 'both' || on === stop.access) && stop.physical < start + bytes && stop.physical + stop.bytes > start;

function judge(
  words: string,
  condition: string | undefined,
  machine: Machine,
  observe: () => Observed,
): string | undefined {
  if (condition === undefined || condition.trim() === '') return words;
  const result = new Evaluator(momentVocabulary(machine, observe())).evaluate(condition);
  if (!result.ok) return `${words} Its condition cannot be told: ${result.message}.`;
  if (typeof result.value !== 'boolean') return `${words} Its condition is neither true nor false.`;
  return result.value ? words : undefined;
}

/** What is known at a moment of a run: all that checks know, and the registers by their names. */
function momentVocabulary(machine: Machine, observed: Observed): ReturnType<typeof vocabularyOf> {
  const vocabulary = vocabularyOf(observed, {}, 0);
  const { hart, pc, mode, register } = machine.core();
  const registers = abiNames.map((name, number): [string, CelInput] => [name, celUint(register(number))]);
  const here: [string, CelInput][] = [
    ['pc', celUint(pc)],
    ['mode', modeName(mode)],
    ['hart', BigInt(hart)],
  ];
  return { ...vocabulary, variables: { ...vocabulary.variables, ...Object.fromEntries([...registers, ...here]) } };
}
