/** Virtual to physical: modelled TLB, walk, protection. Faults come back as values; the caller takes the trap. */
import type { AccessKind } from '../events.ts';
import { exceptionCode } from '../isa/causes.ts';
import { S } from '../isa/privilege.ts';
import type { Translation, WalkStep } from '../state.ts';
import type { Bus } from './bus.ts';
import { type Hart, two32 } from './hart.ts';
import type { InlineTlb } from './inline-tlb.ts';
import { pageBytes } from './layout.ts';
import { type Permission, type Pmp, permission } from './pmp.ts';
import type { Recorder } from './recorder.ts';
import {
  type Actor,
  dataActor,
  fetchActor,
  type Mapping,
  onlooker,
  type StageMemory,
  Stages,
  type Unmapped,
} from './stages.ts';
import { noMachine, pagesAt, pteFlag, Tlb, type TlbEntry, unchecked } from './tlb.ts';
import { pseudoInstruction } from './transformed.ts';
import type { Pair, TrapDetail } from './traps.ts';
import { accessIndex, checkPermission, type GuestFault, outcomeIndex, vpnOf } from './walk.ts';

const wanted: Record<AccessKind, Permission> = {
  fetch: permission.execute,
  load: permission.read,
  store: permission.write,
};
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

export interface Fault {
  readonly ok: false;
  readonly cause: number;
  /** The access was made in a guest's name. */
  readonly virtual: boolean;
  /** Of a guest-page fault. */
  readonly guest: GuestFault | undefined;
}

/** `page`: the whole page may be accessed likewise, so that the inline TLB may take it. */
export type Resolved = { readonly ok: true; readonly physical: number; readonly page: boolean } | Fault;

export interface MmuParts {
  readonly hart: Hart;
  readonly bus: Bus;
  readonly pmp: Pmp;
  readonly inline: InlineTlb;
  readonly recorder: Recorder;
  readonly memory: Uint32Array;
  readonly sizes: { readonly instruction: number; readonly data: number };
  /** Told how many references a walk took. */
  readonly onWalk: (references: number) => void;
}

/** What a fence is about; undefined stands for all. */
export interface FenceRange {
  readonly vpn: number | undefined;
  readonly asid: number | undefined;
}

const isNoMachine = (vmid: number): boolean => vmid === noMachine;

export class Mmu {
  readonly instruction: Tlb;
  readonly data: Tlb;
  private readonly parts: MmuParts;
  private readonly stages: Stages;

  constructor(parts: MmuParts) {
    this.parts = parts;
    this.instruction = new Tlb(parts.sizes.instruction);
    this.data = new Tlb(parts.sizes.data);
    this.stages = new Stages(parts.hart, this.observedMemory());
  }

  /** The physical address of an access of `bytes` that stays within one page. */
  resolve(access: AccessKind, vaLow: number, vaHigh: number, bytes: number, given?: Actor): Resolved {
    const { hart, pmp } = this.parts;
    const actor = given ?? (access === 'fetch' ? fetchActor(hart) : dataActor(hart));
    let physical = vaHigh * two32 + vaLow;
    if (this.stages.translates(actor)) {
      const entry = this.lookUp(access, vaLow, vaHigh, actor);
      if ('ok' in entry) return entry;
      const vpn = vpnOf(vaLow, vaHigh);
      physical = (entry.ppn + (vpn - entry.vpn)) * pageBytes + (vaLow % pageBytes);
    }
    if (!pmp.allows(actor.mode, physical, bytes, wanted[access])) {
      return { ok: false, cause: accessFaults[access], virtual: actor.virtual, guest: undefined };
    }
    const page = pmp.uniform(physical - (physical % pageBytes), pageBytes);
    return { ok: true, physical, page };
  }

  /** `sfence.vma` with V=0. Gives how many entries were removed. */
  fence({ vpn, asid }: FenceRange): number {
    return this.remove(vpn, asid, isNoMachine);
  }

  /** `hfence.vvma`, and `sfence.vma` with V=1: the first stage of the present virtual machine. */
  fenceGuest({ vpn, asid }: FenceRange): number {
    const present = this.stages.vmid(onlooker(true));
    return this.remove(vpn, asid, (vmid) => vmid === present);
  }

  /** `hfence.gvma`. Entries hold both stages in one, so that those of all addresses go. */
  fenceHost(machine: number | undefined): number {
    return this.remove(
      undefined,
      undefined,
      (vmid) => vmid !== noMachine && (machine === undefined || vmid === machine),
    );
  }

  /** How the tables map an address for the modes below M, with the present V, without leaving a trace. */
  inspect(va: bigint): Translation {
    const actor = onlooker(this.parts.hart.virtual === 1);
    const steps: WalkStep[] = [];
    const read: StageMemory['read'] = (address) => this.readPte(address, permission.read);
    const stages = new Stages(this.parts.hart, {
      read,
      setFlags: () => true,
      onEntry: (stage, level, address, low, high) => {
        if (stage === 'host') return;
        steps.push({ level, address: BigInt(address), value: (BigInt(high) << 32n) | BigInt(low) });
      },
      onWalk: () => {},
    });
    if (!stages.translates(actor)) return { va, mapped: true, pa: va, level: 0, flags: 0xff, steps };
    const mapping = stages.map('load', Number(va & 0xffff_ffffn), Number((va >> 32n) & 0xffff_ffffn), actor);
    if (!mapping.ok) return { va, mapped: false, pa: 0n, level: steps.at(-1)?.level ?? 0, flags: 0, steps };
    const pa = BigInt(mapping.ppn) * 4096n + (va & 4095n);
    const leaf = steps.at(-1);
    const flags = leaf === undefined ? mapping.hostFlags : Number(leaf.value);
    return { va, mapped: true, pa, level: mapping.level, flags: flags & 0xff, steps };
  }

  private remove(vpn: number | undefined, asid: number | undefined, belongs: (vmid: number) => boolean): number {
    this.parts.inline.flush();
    return this.instruction.remove(vpn, asid, belongs) + this.data.remove(vpn, asid, belongs);
  }

  /** The TLB entry for an access, or the fault. A hit that does not permit is walked again. */
  private lookUp(access: AccessKind, vaLow: number, vaHigh: number, actor: Actor): TlbEntry | Fault {
    const tlb = access === 'fetch' ? this.instruction : this.data;
    const asid = this.stages.asid(actor);
    const vmid = this.stages.vmid(actor);
    const slot = tlb.find(vpnOf(vaLow, vaHigh), asid, vmid);
    const entry = tlb.get(slot);
    if (entry !== undefined && this.permits(entry, access, actor)) return entry;
    const mapping = this.stages.map(access, vaLow, vaHigh, actor);
    if (!mapping.ok) return faultOf(mapping, access, actor);
    return this.fill(access, slot, asid, vmid, mapping, vaLow, vaHigh);
  }

  private permits({ flags, hostFlags }: TlbEntry, access: AccessKind, actor: Actor): boolean {
    if (access === 'store' && !(flags & hostFlags & pteFlag.D)) return false;
    if (flags !== unchecked && checkPermission(flags, access, this.stages.ownRights(actor)) !== 'ok') return false;
    return hostFlags === unchecked || checkPermission(hostFlags, access, this.stages.hostRights(actor)) === 'ok';
  }

  private fill(
    access: AccessKind,
    slot: number,
    asid: number,
    vmid: number,
    { ppn, flags, hostFlags, level }: Mapping,
    vaLow: number,
    vaHigh: number,
  ): TlbEntry {
    const { hart, inline, recorder } = this.parts;
    const vpn = vpnOf(vaLow, vaHigh);
    const offset = vpn % pagesAt(level);
    const entry: TlbEntry = { vpn: vpn - offset, ppn: ppn - offset, asid, vmid, flags, hostFlags, level };
    const isFetch = access === 'fetch';
    const tlb = isFetch ? this.instruction : this.data;
    const chosen = slot >= 0 ? slot : tlb.oldest();
    const evicted = tlb.get(chosen);
    tlb.put(chosen, entry);
    if (evicted !== undefined) {
      if (evicted.level > 0) inline.flush();
      else inline.evict((evicted.vpn % 2 ** 20) * pageBytes);
    }
    recorder.fill(hart, isFetch ? 0 : 1, chosen, entry, vaLow - (vaLow % pageBytes), vaHigh, ppn * pageBytes);
    return entry;
  }

  private observedMemory(): StageMemory {
    const { hart, recorder, memory, bus, onWalk } = this.parts;
    return {
      read: (address) => this.readPte(address, permission.read),
      setFlags: (address, low) => {
        if (this.readPte(address, permission.write) === undefined) return false;
        memory[bus.hostToWrite(address, 8) / 4] = low;
        return true;
      },
      onEntry: (stage, level, address, low, high) => recorder.entry(hart, stage, level, address, low, high),
      onWalk: (stage, { access, rights, vaLow, vaHigh }, { outcome, level, references }) => {
        if (recorder.hears('walk')) {
          const mode = stage === 'guest' ? rights.mode + 4 : rights.mode;
          recorder.walk(hart, stage, accessIndex(access), mode, outcomeIndex(outcome), level, vaLow, vaHigh);
        }
        onWalk(references);
      },
    };
  }

  /** Page tables are read and written as in S-mode; they must lie in RAM. */
  private readPte(address: number, needed: Permission): readonly [number, number] | undefined {
    const { bus, pmp, memory } = this.parts;
    if (!bus.inRam(address, 8) || !pmp.allows(S, address, 8, needed)) return undefined;
    const index = bus.host(address) / 4;
    return [memory[index] ?? 0, memory[index + 1] ?? 0];
  }
}

function faultOf(unmapped: Unmapped, access: AccessKind, { virtual }: Actor): Fault {
  if (unmapped.kind === 'guest') return { ok: false, cause: guestPageFaults[access], virtual, guest: unmapped.fault };
  const cause = (unmapped.kind === 'access' ? accessFaults : pageFaults)[access];
  return { ok: false, cause, virtual, guest: undefined };
}

/** What a fault has to say in the trap. `tinst`: the instruction, transformed. */
export function detailOf({ virtual, guest }: Pick<Fault, 'virtual' | 'guest'>, tinst: number): TrapDetail {
  if (guest === undefined) return { guestAddress: virtual, tinst };
  const { low, high, implicit } = guest;
  const tval2: Pair = [((low >>> 2) | (high << 30)) >>> 0, high >>> 2];
  return { guestAddress: virtual, tval2, tinst: implicit === undefined ? tinst : pseudoInstruction(implicit) };
}
