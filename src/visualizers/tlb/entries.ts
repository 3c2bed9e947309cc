/** What the modelled TLBs hold at the moment: what is new in them, what has left, and what the tables say by now. */
import type { Mappings } from '../../engine/inspection.ts';
import type { HartState, TlbSlot } from '../../engine/state.ts';
import { find } from '../memory-map/ranges.ts';
import { bit } from '../page-table/entry.ts';
import { hex } from '../visualizer.ts';

/** What a slot holds now against what it held at the stop before. */
export interface SlotRow {
  readonly slot: number;
  readonly entry: TlbSlot | undefined;
  readonly change: 'none' | 'filled' | 'replaced' | 'emptied';
  readonly old: TlbSlot | undefined;
}

const same = (one: TlbSlot, other: TlbSlot): boolean =>
  (Object.keys(one) as (keyof TlbSlot)[]).every((key) => one[key] === other[key]);

export function slotRows(now: readonly TlbSlot[], before: readonly TlbSlot[] | undefined): SlotRow[] {
  const slots = [...new Set([...now, ...(before ?? [])].map(({ slot }) => slot))].sort((a, b) => a - b);
  return slots.map((slot) => {
    const entry = now.find((each) => each.slot === slot);
    const old = before?.find((each) => each.slot === slot);
    return { slot, entry, old, change: before === undefined ? 'none' : changeOf(entry, old) };
  });
}

function changeOf(entry: TlbSlot | undefined, old: TlbSlot | undefined): SlotRow['change'] {
  if (entry === undefined) return old === undefined ? 'none' : 'emptied';
  if (old === undefined) return 'filled';
  return same(entry, old) ? 'none' : 'replaced';
}

/** What has become of a slot since the stop before; or, where that lies ahead (`back`), what will become of it. */
export function changeText({ change, old }: SlotRow, back: boolean): string {
  const other = old === undefined ? '' : hex(old.va);
  if (back) return { none: '', filled: 'gone later', replaced: `later ${other}`, emptied: `later ${other}` }[change];
  return { none: '', filled: 'new', replaced: `new, in place of ${other}`, emptied: `${other} is gone` }[change];
}

/** The tables in use at the moment, all that they map. */
export interface Tables {
  readonly single: Mappings | undefined;
  readonly guest: Mappings | undefined;
  readonly host: Mappings | undefined;
}

/** `other`: of an address space that is not in use, so that nothing can be said. */
export type Freshness = 'agrees' | 'differs' | 'unmapped' | 'other';

const asidOf = (atp: bigint): number => Number((atp >> 44n) & 0xffffn);
const vmidOf = (hgatp: bigint): number => Number((hgatp >> 44n) & 0x3fffn);
const isOn = (atp: bigint): boolean => atp >> 60n !== 0n;
/** A and D are not part of the mapping. */
const compared = bit.V | bit.R | bit.W | bit.X | bit.U | bit.G;

/** Whether the tables that an entry came from would still give it. */
export function freshnessOf(entry: TlbSlot, { csrs }: Pick<HartState, 'csrs'>, tables: Tables): Freshness {
  const { satp = 0n, vsatp = 0n, hgatp = 0n } = csrs;
  if (entry.virtual || entry.vmid !== undefined) return guestFreshness(entry, vsatp, hgatp, tables);
  const { single } = tables;
  if (single?.complete !== true || !isOwn(entry, satp)) return 'other';
  return compare(entry.pa, entry.flags, find(single, entry.va));
}

const isOwn = (entry: TlbSlot, atp: bigint): boolean =>
  isOn(atp) && (entry.asid === asidOf(atp) || (entry.flags & bit.G) !== 0);

function guestFreshness(entry: TlbSlot, vsatp: bigint, hgatp: bigint, { guest, host }: Tables): Freshness {
  if (entry.vmid !== (isOn(hgatp) ? vmidOf(hgatp) : undefined)) return 'other';
  const first = entry.asid !== undefined;
  if (first && (guest?.complete !== true || !isOwn(entry, vsatp))) return 'other';
  const own = first && guest !== undefined ? find(guest, entry.va) : { to: entry.va, flags: entry.flags };
  if (own === undefined || !isOn(hgatp)) return compare(entry.pa, entry.flags, own);
  if (host?.complete !== true) return 'other';
  if ((own.flags & compared) !== (entry.flags & compared)) return 'differs';
  return compare(entry.pa, entry.hostFlags, find(host, own.to));
}

function compare(
  pa: bigint,
  flags: number,
  found: { readonly to: bigint; readonly flags: number } | undefined,
): Freshness {
  if (found === undefined) return 'unmapped';
  return found.to === pa && (found.flags & compared) === (flags & compared) ? 'agrees' : 'differs';
}

/** `ASID 3`, `VMID 7, ASID 3`, `VMID 7`. */
export function spaceText({ asid, virtual, vmid }: TlbSlot): string {
  const own = asid === undefined ? 'no first stage' : `ASID ${asid}`;
  if (!virtual) return own;
  return vmid === undefined ? `guest, ${own}` : `VMID ${vmid}, ${own}`;
}
