/** The address spaces that can be looked at: those in use, and those that were used before. */
import type { Belief } from '../../engine/belief.ts';
import { guestTables, type TableRoot } from '../../engine/inspection.ts';
import type { HartState } from '../../engine/state.ts';
import { rootsOf } from '../page-table/look.ts';
import { keyOf, type SeenSpace } from './model.ts';

export interface Choice {
  readonly key: string;
  /** In full, for a list. */
  readonly title: string;
  /** Among others of its kind. */
  readonly name: string;
  readonly root: TableRoot;
}

const pageOf = (atp: bigint): string => `0x${((atp & ((1n << 44n) - 1n)) << 12n).toString(16)}`;
const registers = { single: 'satp', guest: 'vsatp', host: 'hgatp' } as const;

/** `ASID 3`, `VMID 7, ASID 3`, `VMID 7`; numbers that programs leave at 0 say nothing, so the root is said besides. */
export function spaceName({ stage, atp, hgatp }: TableRoot): string {
  const asid = (atp >> 44n) & 0xffffn;
  if (stage === 'single') return `ASID ${asid}, root ${pageOf(atp)}`;
  if (stage === 'host') return `VMID ${asid & 0x3fffn}, root ${pageOf(atp)}`;
  const machine = hgatp >> 60n === 0n ? '' : `VMID ${(hgatp >> 44n) & 0x3fffn}, `;
  return `${machine}ASID ${asid}, root ${pageOf(atp)}`;
}

/** On the guest's side: the tables that it takes for those in force, and those of other guests' and earlier ones. */
export function believedChoices(
  belief: Belief,
  hart: Pick<HartState, 'csrs' | 'mode'>,
  seen: readonly SeenSpace[],
): Choice[] {
  if (belief.kind === 'virtual') return choicesOf(hart, seen).filter(({ root }) => root.stage !== 'single');
  const root = guestTables(belief);
  if (root.atp >> 60n !== 0n) return [{ key: 'believed', title: spaceName(root), name: spaceName(root), root }];
  return belief.memory.length === 0 ? [] : [{ key: 'memory', title: 'guest physical', name: 'guest physical', root }];
}

/** `seen`: those walked up to the moment; `shadow`: a satp of tables that stand for a guest's. */
export function choicesOf(
  hart: Pick<HartState, 'csrs' | 'mode'>,
  seen: readonly SeenSpace[],
  shadow?: bigint,
): Choice[] {
  const now = rootsOf(hart, shadow).map(({ root, title }) => ({
    key: keyOf(root),
    title: `now: ${title}, ${spaceName(root)}`,
    name: spaceName(root),
    root,
  }));
  const before = seen
    .filter(({ root }) => root.atp >> 60n !== 0n && !now.some(({ key }) => key === keyOf(root)))
    .map(({ root, position }) => ({
      key: keyOf(root),
      title: `since step ${position.toLocaleString('en')}: ${registers[root.stage]}, ${spaceName(root)}`,
      name: spaceName(root),
      root,
    }));
  return [...now, ...before];
}
