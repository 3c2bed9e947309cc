/** Virtual to physical: modelled TLB, walk, protection. Faults come back as values; the caller takes the trap. */
import type { AccessKind } from '../events.ts';
import { exceptionCode } from '../isa/causes.ts';
import type { Translation } from '../state.ts';
import { type Actor, dataActor, fetchActor, onlooker } from './actor.ts';
import type { InlineTlb } from './inline-tlb.ts';
import { offsetInPage } from './layout.ts';
import { type Permission, permission } from './pmp.ts';
import { type Finding, pageOf, Stages } from './stages.ts';
import { InspectedMemory, type TableParts, WalkedMemory } from './table-memory.ts';
import { anyMachine, noMachine, pteFlag, Tlb, unchecked, vpnHighOf, vpnLowOf } from './tlb.ts';
import { pseudoInstruction } from './transformed.ts';
import type { Pair, TrapDetail } from './traps.ts';
import { checkPermission, type GuestFault } from './walk.ts';

const wantedFor = (access: AccessKind): Permission =>
  access === 'load' ? permission.read : access === 'store' ? permission.write : permission.execute;
export const accessFaults: Record<AccessKind, number> = {
  fetch: exceptionCode('instruction-access-fault'),
  load: exceptionCode('load-access-fault'),
  store: exceptionCode('store-access-fault'),
};
const pageFaults: Record<AccessKind, number> = {
  fetch: exceptionCode('instruction-page-fault'),
  load: exceptionCode('load-page-fault'),
  store: exceptionCode('store-page-fault'),
};
const guestPageFaults: Record<AccessKind, number> = {
  fetch: exceptionCode('instruction-guest-page-fault'),
  load: exceptionCode('load-guest-page-fault'),
  store: exceptionCode('store-guest-page-fault'),
};

const faultCodes = {
  'access-fault': accessFaults,
  'page-fault': pageFaults,
  'guest-page-fault': guestPageFaults,
} as const;

export interface Fault {
  readonly cause: number;
  /** The access was made in a guest's name. */
  readonly virtual: boolean;
  /** Of a guest-page fault. */
  readonly guest: GuestFault | undefined;
}

/** In place of a physical address: the access faults. */
export const faulted = -1;

export interface MmuParts extends TableParts {
  readonly inline: InlineTlb;
  readonly sizes: { readonly instruction: number; readonly data: number };
}

export class Mmu {
  readonly instruction: Tlb;
  readonly data: Tlb;
  /** Of the last access that faulted. */
  fault: Fault = { cause: 0, virtual: false, guest: undefined };
  private readonly parts: MmuParts;
  private readonly stages: Stages;

  constructor(parts: MmuParts) {
    this.parts = parts;
    this.instruction = new Tlb(parts.sizes.instruction);
    this.data = new Tlb(parts.sizes.data);
    this.stages = new Stages(parts.hart, new WalkedMemory(parts));
  }

  /** The physical page of an access of `bytes` that stays within one; or `faulted`, and then `fault` is why. */
  resolve(access: AccessKind, vaLow: number, vaHigh: number, bytes: number, given?: Actor): number {
    const { hart, pmp } = this.parts;
    const actor = given ?? (access === 'fetch' ? fetchActor(hart) : dataActor(hart));
    let page = pageOf(vaLow, vaHigh);
    if (this.stages.translates(actor)) {
      const tlb = access === 'fetch' ? this.instruction : this.data;
      const slot = this.slotFor(tlb, access, vaLow, vaHigh, actor);
      if (slot < 0) return faulted;
      page = tlb.pageAt(slot, vaLow, vaHigh);
    }
    if (pmp.allowsInPage(actor.mode, page, vaLow & offsetInPage, bytes, wantedFor(access))) return page;
    return this.fails('access-fault', access, actor);
  }

  /** `sfence.vma` with V=0; undefined stands for all. Gives how many entries were removed. */
  fence(va: Pair | undefined, asid: number | undefined): number {
    return this.remove(va, asid, noMachine);
  }

  /** `hfence.vvma`, and `sfence.vma` with V=1: the first stage of the present virtual machine. */
  fenceGuest(va: Pair | undefined, asid: number | undefined): number {
    return this.remove(va, asid, this.stages.vmid(onlooker(true)));
  }

  /** `hfence.gvma`. Entries hold both stages in one, so that those of all addresses go. */
  fenceHost(machine: number | undefined): number {
    return this.remove(undefined, undefined, machine ?? anyMachine);
  }

  /** How the tables map an address for the modes below M, with the present V, without leaving a trace. */
  inspect(va: bigint): Translation {
    const actor = onlooker(this.parts.hart.virtual === 1);
    const tables = new InspectedMemory(this.parts);
    const stages = new Stages(this.parts.hart, tables);
    const { steps } = tables;
    if (!stages.translates(actor)) return { va, mapped: true, pa: va, level: 0, flags: 0xff, steps };
    const finding = stages.map('load', Number(va & 0xffff_ffffn), Number((va >> 32n) & 0xffff_ffffn), actor);
    const leaf = steps.at(-1);
    if (finding !== 'ok') return { va, mapped: false, pa: 0n, level: leaf?.level ?? 0, flags: 0, steps };
    const { ppn, hostFlags, level } = stages.mapping;
    const flags = leaf === undefined ? hostFlags : Number(leaf.value);
    return { va, mapped: true, pa: BigInt(ppn) * 4096n + (va & 4095n), level, flags: flags & 0xff, steps };
  }

  private remove(va: Pair | undefined, asid: number | undefined, vmid: number): number {
    this.parts.inline.flush();
    return this.instruction.remove(va, asid, vmid) + this.data.remove(va, asid, vmid);
  }

  /** The slot of the entry for an access, or `faulted`. A hit that does not permit is walked again. */
  private slotFor(tlb: Tlb, access: AccessKind, vaLow: number, vaHigh: number, actor: Actor): number {
    const { stages } = this;
    const asid = stages.asid(actor);
    const vmid = stages.vmid(actor);
    const hit = tlb.find(vpnLowOf(vaLow, vaHigh), vpnHighOf(vaHigh), asid, vmid);
    if (hit >= 0 && this.permits(tlb, hit, access, actor)) return hit;
    const finding = stages.map(access, vaLow, vaHigh, actor);
    if (finding !== 'ok') return this.fails(finding, access, actor);
    const slot = hit >= 0 ? hit : tlb.oldest();
    this.fill(tlb, slot, asid, vmid, vaLow, vaHigh);
    return slot;
  }

  private permits(tlb: Tlb, slot: number, access: AccessKind, actor: Actor): boolean {
    const flags = tlb.flagsOf(slot);
    const hostFlags = tlb.hostFlagsOf(slot);
    if (access === 'store' && !(flags & hostFlags & pteFlag.D)) return false;
    if (flags !== unchecked && checkPermission(flags, access, this.stages.ownRights(actor)) !== 'ok') return false;
    return hostFlags === unchecked || checkPermission(hostFlags, access, this.stages.hostRights(actor)) === 'ok';
  }

  /** Puts what was found into a slot; what was there leaves the inline TLB as well. */
  private fill(tlb: Tlb, slot: number, asid: number, vmid: number, vaLow: number, vaHigh: number): void {
    const { hart, inline, recorder } = this.parts;
    const { mapping } = this.stages;
    const code = tlb === this.instruction;
    const evicted = tlb.levelOf(slot);
    if (evicted > 0) inline.flush();
    else if (evicted === 0) inline.evict(code, tlb.addressOf(slot));
    tlb.put(slot, vpnLowOf(vaLow, vaHigh), vpnHighOf(vaHigh), asid, vmid, mapping);
    if (!recorder.hears.fill) return;
    const unit = code ? 0 : 1;
    recorder.fill(hart, unit, slot, mapping, asid, vmid, vaLow - (vaLow & offsetInPage), vaHigh);
  }

  private fails(finding: Exclude<Finding, 'ok'>, access: AccessKind, { virtual }: Actor): number {
    const guest = finding === 'guest-page-fault' ? this.stages.guestFault : undefined;
    this.fault = { cause: faultCodes[finding][access], virtual, guest };
    return faulted;
  }
}

/** What a fault has to say in the trap. `tinst`: the instruction, transformed. */
export function detailOf({ virtual, guest }: Pick<Fault, 'virtual' | 'guest'>, tinst: number): TrapDetail {
  if (guest === undefined) return { guestAddress: virtual, tval2Low: 0, tval2High: 0, tinst };
  const { low, high, implicit } = guest;
  const tval2Low = ((low >>> 2) | (high << 30)) >>> 0;
  const shown = implicit === undefined ? tinst : pseudoInstruction(implicit);
  return { guestAddress: virtual, tval2Low, tval2High: high >>> 2, tinst: shown };
}
