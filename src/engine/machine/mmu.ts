/** Virtual to physical: modelled TLB, walk, protection. Faults come back as values; the caller takes the trap. */
import type { AccessKind } from '../events.ts';
import { exceptionCode } from '../isa/causes.ts';
import { M, S } from '../isa/privilege.ts';
import type { Translation } from '../state.ts';
import type { Bus } from './bus.ts';
import { at, type Hart, two32 } from './hart.ts';
import type { InlineTlb } from './inline-tlb.ts';
import { pageBytes } from './layout.ts';
import { type Permission, type Pmp, permission } from './pmp.ts';
import type { Recorder } from './recorder.ts';
import { dataMode } from './status.ts';
import { pagesAt, pteFlag, Tlb, type TlbEntry } from './tlb.ts';
import {
  accessIndex,
  checkPermission,
  isCanonical,
  outcomeIndex,
  vpnOf,
  type WalkMemory,
  type WalkResult,
  walk,
} from './walk.ts';

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

/** `page`: the whole page may be accessed likewise, so that the inline TLB may take it. */
export type Resolved =
  | { readonly ok: true; readonly physical: number; readonly page: boolean }
  | { readonly ok: false; readonly cause: number };

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

export class Mmu {
  readonly instruction: Tlb;
  readonly data: Tlb;
  private readonly parts: MmuParts;
  private readonly walkMemory: WalkMemory;

  constructor(parts: MmuParts) {
    this.parts = parts;
    this.instruction = new Tlb(parts.sizes.instruction);
    this.data = new Tlb(parts.sizes.data);
    this.walkMemory = {
      read: (address) => this.readPte(address, permission.read),
      setFlags: (address, low) => {
        if (this.readPte(address, permission.write) === undefined) return false;
        parts.memory[parts.bus.hostToWrite(address, 8) / 4] = low;
        return true;
      },
    };
  }

  /** The physical address of an access of `bytes` that stays within one page. */
  resolve(access: AccessKind, vaLow: number, vaHigh: number, bytes: number): Resolved {
    const { hart, pmp } = this.parts;
    const mstatus = hart.get(at.mstatus);
    const mode = access === 'fetch' ? hart.mode : dataMode(hart.mode, mstatus);
    let physical = vaHigh * two32 + vaLow;
    if (mode !== M && hart.get(at.satp + 4) >>> 28 !== 0) {
      const entry = this.lookUp(access, vaLow, vaHigh, mode, mstatus);
      if (typeof entry === 'number') return { ok: false, cause: entry };
      const vpn = vpnOf(vaLow, vaHigh);
      physical = (entry.ppn + (vpn - entry.vpn)) * pageBytes + (vaLow % pageBytes);
    }
    if (!pmp.allows(mode, physical, bytes, wanted[access])) return { ok: false, cause: accessFaults[access] };
    const page = pmp.uniform(physical - (physical % pageBytes), pageBytes);
    return { ok: true, physical, page };
  }

  /** `sfence.vma`; undefined stands for all. Gives how many entries were removed. */
  fence(vpn: number | undefined, asid: number | undefined): number {
    this.parts.inline.flush();
    return this.instruction.remove(vpn, asid) + this.data.remove(vpn, asid);
  }

  /** How the tables map an address for the modes below M, without leaving a trace. */
  inspect(va: bigint): Translation {
    const { hart } = this.parts;
    const vaLow = Number(va & 0xffff_ffffn);
    const vaHigh = Number((va >> 32n) & 0xffff_ffffn);
    if (hart.get(at.satp + 4) >>> 28 === 0) return { va, mapped: true, pa: va, level: 0, flags: 0xff, steps: [] };
    const request = { vaLow, vaHigh, access: 'load', mode: S, mstatus: 0xffff_ffff, rootPpn: this.rootPpn() } as const;
    const result = walk(request, { read: this.walkMemory.read, setFlags: () => true });
    const leaf = result.references.at(-1);
    const steps = result.references.map(({ level, address, low, high }) => ({
      level,
      address: BigInt(address),
      value: (BigInt(high) << 32n) | BigInt(low),
    }));
    const mapped = result.outcome === 'ok' || result.outcome === 'no-read';
    return {
      va,
      mapped,
      pa: mapped ? BigInt(result.ppn) * 4096n + (va & 4095n) : 0n,
      level: result.level,
      flags: mapped && leaf !== undefined ? leaf.low & 0xff : 0,
      steps,
    };
  }

  private rootPpn(): number {
    const { hart } = this.parts;
    return (hart.get(at.satp + 4) & 0xfff) * two32 + hart.get(at.satp);
  }

  /** The TLB entry for an access, or the code of the exception. A hit that does not permit is walked again. */
  private lookUp(access: AccessKind, vaLow: number, vaHigh: number, mode: number, mstatus: number): TlbEntry | number {
    const tlb = access === 'fetch' ? this.instruction : this.data;
    const asid = (this.parts.hart.get(at.satp + 4) >>> 12) & 0xffff;
    const slot = isCanonical(vaHigh) ? tlb.find(vpnOf(vaLow, vaHigh), asid) : -1;
    const entry = tlb.get(slot);
    if (entry !== undefined) {
      const dirtied = access !== 'store' || (entry.flags & pteFlag.D) !== 0;
      if (dirtied && checkPermission(entry.flags, access, mode, mstatus) === 'ok') return entry;
    }
    return this.walkAndFill(access, vaLow, vaHigh, mode, mstatus, slot, asid);
  }

  private walkAndFill(
    access: AccessKind,
    vaLow: number,
    vaHigh: number,
    mode: number,
    mstatus: number,
    slot: number,
    asid: number,
  ): TlbEntry | number {
    const result = walk({ vaLow, vaHigh, access, mode, mstatus, rootPpn: this.rootPpn() }, this.walkMemory);
    this.record(result, access, mode, vaLow, vaHigh);
    this.parts.onWalk(result.references.length);
    if (result.outcome !== 'ok') return (result.outcome === 'access-fault' ? accessFaults : pageFaults)[access];
    const offset = vpnOf(vaLow, vaHigh) % pagesAt(result.level);
    const entry: TlbEntry = {
      vpn: vpnOf(vaLow, vaHigh) - offset,
      ppn: result.ppn - offset,
      asid,
      flags: result.flags,
      level: result.level,
    };
    this.fill(access, slot, entry, vaLow, vaHigh);
    return entry;
  }

  private fill(access: AccessKind, slot: number, entry: TlbEntry, vaLow: number, vaHigh: number): void {
    const { hart, inline, recorder } = this.parts;
    const isFetch = access === 'fetch';
    const filled = (isFetch ? this.instruction : this.data).fill(slot, entry);
    const { evicted } = filled;
    if (evicted !== undefined) {
      if (evicted.level > 0) inline.flush();
      else inline.evict((evicted.vpn % 2 ** 20) * pageBytes);
    }
    const va: readonly [number, number] = [vaLow - (vaLow % pageBytes), vaHigh];
    const page = (entry.ppn + (vpnOf(vaLow, vaHigh) - entry.vpn)) * pageBytes;
    recorder.fill(hart, isFetch ? 0 : 1, filled.slot, entry.level, entry.flags, va, page);
  }

  private record(result: WalkResult, access: AccessKind, mode: number, vaLow: number, vaHigh: number): void {
    const { hart, recorder } = this.parts;
    for (const { level, address, low, high } of result.references) recorder.entry(hart, level, address, low, high);
    recorder.walk(hart, accessIndex(access), mode, outcomeIndex(result.outcome), result.level, vaLow, vaHigh);
  }

  /** Page tables are read and written as in S-mode; they must lie in RAM. */
  private readPte(address: number, needed: Permission): readonly [number, number] | undefined {
    const { bus, pmp, memory } = this.parts;
    if (!bus.inRam(address, 8) || !pmp.allows(S, address, 8, needed)) return undefined;
    const index = bus.host(address) / 4;
    return [memory[index] ?? 0, memory[index + 1] ?? 0];
  }
}
