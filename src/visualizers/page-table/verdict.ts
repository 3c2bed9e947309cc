/** What a translation came to, in words. */
import type { WalkOutcome } from '../../engine/events.ts';
import { modeName } from '../../engine/isa/privilege.ts';
import { hex } from '../visualizer.ts';
import { leafBits, leafNames, targetOf } from './entry.ts';
import type { Translation, Walk } from './walk.ts';

/** Where a walk came to. A leaf above level 0 maps a superpage: low indices go into the offset. */
export function reached({ va, steps, outcome, level }: Walk): bigint | undefined {
  const leaf = steps.at(-1);
  if (outcome !== 'ok') return undefined;
  if (leaf === undefined) return va;
  const mask = (1n << BigInt(leafBits(level))) - 1n;
  return (targetOf(leaf.value) & ~mask) | (va & mask);
}

/** The physical address; undefined where the translation failed. */
export const physicalOf = ({ walk, page, outcome }: Translation): bigint | undefined =>
  outcome === 'ok' ? reached(page ?? walk) : undefined;

const exceptionNames = { fetch: 'an instruction', load: 'a load', store: 'a store/AMO' } as const;

/** Why a walk failed. */
export function reasonOf({ outcome, access, mode, level, stage }: Walk): string {
  const who = `${modeName(mode)}-mode`;
  const table = stage === 'host' ? `the host’s level ${level} table` : `the level ${level} table`;
  const reasons: Record<WalkOutcome, string> = {
    ok: '',
    'not-canonical': 'the upper bits of the address are not as its highest translated bit says',
    'access-fault': 'the table lies where no memory may be read',
    'not-valid': `the entry in ${table} is not valid (V = 0)`,
    reserved: `the entry in ${table} uses reserved bits`,
    'no-leaf': `the entry in ${table} points to yet another table (R = W = X = 0)`,
    'misaligned-superpage': 'the superpage’s low page-number bits are not zero',
    'no-read': 'the page may not be read (R = 0)',
    'no-write': 'the page may not be written (W = 0)',
    'no-execute': 'the page may not be executed (X = 0)',
    'user-page': `the page is U-mode’s (U = 1), and ${who} may not ${access === 'fetch' ? 'execute' : 'touch'} it now`,
    'supervisor-page':
      stage === 'host'
        ? 'the host’s page is not for U-mode (U = 0), and to the second stage every guest is in U-mode'
        : `the page is not for U-mode (U = 0), and the access was made in ${who}`,
    'not-accessed': 'the entry’s A bit is clear, and the hardware does not set it',
    'not-dirty': 'the entry’s D bit is clear, and the hardware does not set it',
    'guest-page-fault': 'the host maps no page for the guest’s table',
  };
  return reasons[outcome];
}

/** What was found; or what went wrong, and which fault it is. */
export function verdictOf(translation: Translation): string {
  const { walk, page, outcome, legs } = translation;
  if (outcome === 'ok') {
    const size = leafNames[walk.level] ?? 'page';
    return `Found: a ${size} at physical address ${hex(physicalOf(translation) ?? 0n)}.`;
  }
  const ofHost =
    walk.stage === 'host' || outcome === 'guest-page-fault' || (page !== undefined && page.outcome !== 'ok');
  const failing = [walk, ...legs, page].findLast((each) => each !== undefined && each.outcome !== 'ok') ?? walk;
  const reason = failing.outcome === 'guest-page-fault' ? reasonOf(walk) : reasonOf(failing);
  const table = walk.outcome === 'guest-page-fault' ? ` That was for the guest’s level ${walk.level} table.` : '';
  if (walk.access === undefined) return `Not mapped: ${reason}.${table}`;
  const kind = outcome === 'access-fault' ? 'access fault' : ofHost ? 'guest-page fault' : 'page fault';
  return `It failed: ${reason}.${table} That is ${exceptionNames[walk.access]} ${kind}.`;
}
