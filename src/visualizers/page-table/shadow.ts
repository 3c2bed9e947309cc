/**
 * A guest's mapping beside what its hypervisor's shadow tables make of it: what differs, and why that is so. Shadow tables
 * are a cache of the guest's, composed with where its memory lies; they may have less, and for a while more.
 */
import { type Belief, throughMemory } from '../../engine/belief.ts';
import { S, U } from '../../engine/isa/privilege.ts';
import { hex } from '../visualizer.ts';
import { bit, leafNames } from './entry.ts';
import { reached, reasonOf } from './verdict.ts';
import type { Walk } from './walk.ts';

export interface Difference {
  /** `missing`: the shadow has less, and a trap will add it; `stale`: it has more or other than the guest's tables say. */
  readonly kind: 'same' | 'missing' | 'narrower' | 'translated' | 'stale' | 'unmapped';
  readonly text: string;
}

export interface Sides {
  /** By the guest's tables, to a guest physical address; undefined while its satp is Bare. */
  readonly own: Walk | undefined;
  /** By the machine's. */
  readonly shadow: Walk;
  readonly va: bigint;
}

type Believed = Pick<Belief, 'memory' | 'mode' | 'csrs'>;

/** Where a guest physical address lies; as it is, where nobody tells of the guest's memory. */
export const liesAt = ({ memory }: Pick<Belief, 'memory'>, address: bigint): bigint | undefined =>
  memory.length === 0 ? address : throughMemory(memory, address);

/** What the guest’s own walk came to. `own` is undefined while its satp is Bare. */
export function guestVerdict(own: Walk | undefined, va: bigint, belief: Pick<Belief, 'memory' | 'kind'>): string {
  if (own === undefined)
    return `The guest’s satp is Bare: it believes that nothing is translated.${placeText(va, belief)}`;
  const to = reached(own);
  if (to === undefined) return `Not mapped: ${reasonOf(own)}.`;
  return `Found: a ${leafNames[own.level] ?? 'page'} at guest physical address ${hex(to)}.${placeText(to, belief)}`;
}

function placeText(guest: bigint, { memory, kind }: Pick<Belief, 'memory' | 'kind'>): string {
  if (kind === 'virtual' || memory.length === 0) return '';
  const physical = throughMemory(memory, guest);
  return physical === undefined ? ' The guest has no memory there.' : ` The machine has that at ${hex(physical)}.`;
}

export function differencesOf(sides: Sides, belief: Believed): Difference[] {
  const { own, shadow, va } = sides;
  const guest = own === undefined ? va : reached(own);
  const to = reached(shadow);
  if (guest === undefined) return [withoutMapping(to)];
  const expected = liesAt(belief, guest);
  if (to === undefined) return [withoutShadow(guest, expected, own, belief)];
  if (to !== expected) return [elsewhere(guest, expected, to)];
  const differences = own === undefined ? [] : flagDifferences(leafFlags(own), leafFlags(shadow), belief);
  if (differences.length > 0) return differences;
  return [{ kind: 'same', text: own === undefined ? sameWhileBare : same }];
}

const same = 'The shadow entry is what the guest’s entry and the place of its memory come to.';
const sameWhileBare = 'The guest has no tables in force; the shadow entry says where its memory lies.';

const leafFlags = ({ steps }: Walk): number => Number((steps.at(-1)?.value ?? 0n) & 0xffn);

function withoutMapping(to: bigint | undefined): Difference {
  if (to === undefined)
    return {
      kind: 'unmapped',
      text: 'Neither maps it. An access traps to the hypervisor, which hands the page fault on to the guest.',
    };
  return {
    kind: 'stale',
    text: `The guest’s tables map nothing here, and the shadow tables still lead to ${hex(to)}: stale, as a TLB may be until the guest fences.`,
  };
}

const sumBit = 1n << 18n;

function withoutShadow(
  guest: bigint,
  expected: bigint | undefined,
  own: Walk | undefined,
  { mode, csrs }: Believed,
): Difference {
  if (expected === undefined)
    return {
      kind: 'missing',
      text: `The guest has no memory at guest physical ${hex(guest)}, so the shadow tables never map it: each access traps, and the hypervisor acts as whatever is there.`,
    };
  const user = own === undefined || has(leafFlags(own), 'U');
  if (mode === U && !user)
    return { kind: 'missing', text: 'The page is for the guest’s kernel: the shadow of its U-mode leaves it out.' };
  if (mode === S && own !== undefined && user && ((csrs.sstatus ?? 0n) & sumBit) === 0n)
    return {
      kind: 'missing',
      text: 'The page is for the guest’s user programs, and its kernel may not touch it now (SUM = 0): the shadow of its S-mode leaves it out.',
    };
  const looks = own === undefined ? 'looks where the guest’s memory lies' : 'reads the guest’s tables';
  return {
    kind: 'missing',
    text: `The shadow entry is not there yet. The first access traps; the hypervisor ${looks} and fills it in, and the guest never hears of it.`,
  };
}

function elsewhere(guest: bigint, expected: bigint | undefined, to: bigint): Difference {
  const place = expected === undefined ? 'is no memory of the guest’s' : `lies at ${hex(expected)}`;
  return {
    kind: 'stale',
    text: `The shadow leads to ${hex(to)}, but guest physical ${hex(guest)} ${place}: stale, until the guest fences.`,
  };
}

const has = (flags: number, letter: keyof typeof bit): boolean => (flags & bit[letter]) !== 0;

function flagDifferences(own: number, shadow: number, belief: Believed): Difference[] {
  return [...writeDifference(own, shadow), ...otherRights(own, shadow, belief), ...userDifference(own, shadow, belief)];
}

function writeDifference(own: number, shadow: number): Difference[] {
  if (has(own, 'W') === has(shadow, 'W')) return [];
  if (has(shadow, 'W')) return [{ kind: 'stale', text: 'The shadow permits stores that the guest’s entry forbids.' }];
  const text = has(own, 'D')
    ? 'Read-only in the shadow although the guest may write: its hypervisor wants to hear of the next store, as it does for pages that hold page tables.'
    : 'Read-only in the shadow although the guest may write: the page is clean (D = 0). The first store traps, and the hypervisor sets D in the guest’s entry, as a walk would.';
  return [{ kind: 'narrower', text }];
}

const neverExecuted: Difference = {
  kind: 'narrower',
  text: 'X = 1 in the guest’s entry and 0 in the shadow: the page is for the guest’s user programs (U = 1), and S-mode never executes what is U-mode’s.',
};

const verbs = { R: 'loads', X: 'fetches' } as const;

function otherRights(own: number, shadow: number, { mode }: Believed): Difference[] {
  return (['R', 'X'] as const).flatMap((letter): Difference[] => {
    if (has(own, letter) === has(shadow, letter)) return [];
    if (letter === 'X' && mode === S && has(own, 'U') && has(own, 'X')) return [neverExecuted];
    if (has(own, letter))
      return [{ kind: 'narrower', text: `The shadow forbids ${verbs[letter]} that the guest’s entry permits.` }];
    return [{ kind: 'stale', text: `The shadow permits ${verbs[letter]} that the guest’s entry forbids.` }];
  });
}

/** A guest's kernel runs in U-mode, so its own pages have to be for U-mode. */
function userDifference(own: number, shadow: number, { mode }: Believed): Difference[] {
  if (has(own, 'U') === has(shadow, 'U')) return [];
  if (has(own, 'U'))
    return [
      {
        kind: 'narrower',
        text: 'U = 1 in the guest’s entry and 0 in the shadow: the machine’s U-mode, where the guest runs, may not touch it.',
      },
    ];
  if (mode === U)
    return [
      {
        kind: 'stale',
        text: 'The guest’s page is for its kernel (U = 0), and the shadow opens it to U-mode while its user program runs: nothing keeps that program out.',
      },
    ];
  return [
    {
      kind: 'translated',
      text: 'U = 0 in the guest’s entry and 1 in the shadow: the page is for the guest’s kernel, and that runs in U-mode.',
    },
  ];
}
