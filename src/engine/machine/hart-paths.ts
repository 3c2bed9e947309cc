/** What emitted code calls on behalf of a hart, and what of the hart each of these paths is given. */
import { AccessFaults, type FaultParts } from './access-faults.ts';
import type { Change } from './bus.ts';
import { CodePaths } from './code-paths.ts';
import { DevicePaths } from './device-paths.ts';
import { FloatPath } from './float-path.ts';
import { at } from './hart.ts';
import type { HartParts, HartUnit } from './hart-unit.ts';
import { MemoryPaths } from './memory-paths.ts';
import type { SlowPathName } from './module-functions.ts';
import type { Pmp } from './pmp.ts';
import { SystemPaths } from './system-paths.ts';
import { pteBytes } from './translation/table-entry.ts';
import type { WatchedAccess, WatchedBy } from './watches.ts';

export type SlowPaths = Readonly<Record<Exclude<SlowPathName, 'hot'>, (argument: number) => number>>;

export class HartPaths {
  private readonly unit: HartUnit;
  private readonly pmp: Pmp;
  private readonly parts: HartParts;

  constructor(unit: HartUnit, pmp: Pmp, parts: HartParts) {
    this.unit = unit;
    this.pmp = pmp;
    this.parts = parts;
  }

  slowPaths(): SlowPaths {
    const { unit } = this;
    const { hart, mmu, inline } = unit;
    const raise: FaultParts['raise'] = (code, low, high, detail) => this.unit.trap(code, false, low, high, detail);
    const faults = new AccessFaults({ hart, mmu, raise });
    const memory = this.makeMemoryPaths(faults);
    const code = this.makeCodePaths(faults);
    const system = this.makeSystemPaths(memory);
    const float = new FloatPath(hart);
    return {
      fetch: () => code.fetch(),
      load: (size) => memory.load(size),
      store: (size) => memory.store(size),
      atomic: (size) => memory.atomic(size),
      csr: (access) => system.csr(access),
      system: (action) => system.system(action),
      float: (operation) => float.compute(operation),
      split: (bytes) => memory.split(bytes),
      fault: (finding) => faults.notTranslated(finding),
      stops: () => code.stops(),
      permitted: (asked) => mmu.permitted(asked),
      touch: (host) => {
        this.parts.bus.touch(host, pteBytes);
        memory.walked(this.parts.bus.physical(host));
        return 0;
      },
      flush: () => {
        inline.flush();
        return 0;
      },
      replan: (own) => {
        unit.replan(own === 0 ? 0 : 1);
        return 0;
      },
      told: (kind) => mmu.told(kind),
    };
  }

  private makeCodePaths(faults: AccessFaults): CodePaths {
    const { pmp, parts } = this;
    const { hart, mmu } = this.unit;
    const parcels = {
      ...{ hart, mmu, pmp, bus: parts.bus, bytes: new Uint8Array(parts.memory) },
      breakpoints: {
        stopsHere: () => this.stopsAtBreakpoint(),
        onPage: (low: number, high: number) => parts.breakpoints.onPage(low, high),
      },
    };
    return new CodePaths(parcels, faults);
  }

  private makeMemoryPaths(faults: AccessFaults): MemoryPaths {
    const { parts } = this;
    const { hart, mmu } = this.unit;
    const { bus, watches } = parts;
    const watched = (access: WatchedAccess, physical: number, bytes: number, by: WatchedBy): void => {
      const { position } = hart;
      parts.stop({ kind: 'watch', hart: hart.id, pc: this.pc, access, physical, bytes, by, position });
      hart.remaining = 1;
    };
    const memory = { hart, bus, mmu, bytes: new Uint8Array(parts.memory), watches, watched };
    return new MemoryPaths(memory, faults, this.makeDevicePaths());
  }

  private makeDevicePaths(): DevicePaths {
    const { parts } = this;
    const { hart } = this.unit;
    const { bus, recorder, config } = parts;
    const afterDevice = (changes: Change): void => {
      hart.charge(config.costs.device);
      if (changes === 'lines') parts.wiresChanged();
      if (changes !== 'nothing') this.unit.quietUntil = 0;
      this.unit.replan(1);
    };
    return new DevicePaths({ hart, bus, recorder, afterDevice });
  }

  private makeSystemPaths(memory: MemoryPaths): SystemPaths {
    const { parts } = this;
    const { hart, csrs, mmu, inline } = this.unit;
    const { bus, recorder, config } = parts;
    return new SystemPaths({
      hart,
      csrs,
      quirk: config.quirk ?? false,
      bus,
      bytes: new Uint8Array(parts.memory),
      memory,
      mmu,
      recorder,
      raise: (code, low, high, detail) => this.unit.trap(code, false, low, high, detail),
      afterCsr: (number) => this.unit.csrChanged(number),
      afterReturn: () => {
        inline.enterMode();
        hart.charge(config.costs.return);
        this.unit.replan(0);
      },
      afterFence: () => {
        hart.charge(config.costs.fence);
        this.unit.replan(0);
      },
      wait: () => {
        hart.set(at.waiting, 1);
        recorder.wait(hart, true);
        hart.remaining = 0;
      },
    });
  }

  private get pc(): bigint {
    return (BigInt(this.unit.hart.pcHigh) << 32n) | BigInt(this.unit.hart.pcLow);
  }

  private stopsAtBreakpoint(): boolean {
    const { parts } = this;
    const { hart } = this.unit;
    if (!parts.breakpoints.stopsAt(hart.position, hart.pcLow, hart.pcHigh)) return false;
    parts.stop({ kind: 'breakpoint', hart: hart.id, pc: this.pc });
    hart.remaining = 0;
    return true;
  }
}
