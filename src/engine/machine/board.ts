/** The parts of a board, wired together. */
import type { EventKind } from '../events.ts';
import { Breakpoints } from './breakpoints.ts';
import { Bus, ramBase } from './bus.ts';
import { Clint } from './devices/clint.ts';
import { Devices } from './devices/devices.ts';
import { at } from './hart.ts';
import type { SlowPaths } from './hart-paths.ts';
import { HartUnit } from './hart-unit.ts';
import {
  breakpointsAt,
  csrHeardAt,
  loadsWatchedAt,
  markersHeardAt,
  mostHarts,
  pageBytes,
  ramPagesAt,
  walkCostAt,
  walksToldAt,
} from './layout.ts';
import { type SlowPathName, slowPaths } from './module-functions.ts';
import { RamPages } from './ram-pages.ts';
import { Recorder } from './recorder.ts';
import type { SecondTier } from './second-tier.ts';
import { Turns } from './turns.ts';
import type { BoardConfig } from './types.ts';
import { Watches } from './watches.ts';

/** Long enough that turns cost little, short enough that harts seem to run at once: a microsecond. */
const defaultQuantum = 1000;

/** Turns said as well: boards that are the same say the same. */
type Complete = BoardConfig & { readonly harts: number; readonly quantum: number };

function completed(config: BoardConfig): Complete {
  const { harts = 1, quantum = defaultQuantum } = config;
  if (!Number.isInteger(harts) || harts < 1 || harts > mostHarts) {
    throw new RangeError(`A board has 1 to ${mostHarts} harts, not ${harts}.`);
  }
  if (!Number.isInteger(quantum) || quantum < 1) throw new RangeError(`A turn takes 1 cycle or more, not ${quantum}.`);
  return { ...config, harts, quantum };
}

export class Board {
  readonly config: Complete;
  readonly bytes: Uint8Array;
  readonly pages: RamPages;
  private readonly words: Uint32Array;
  readonly recorder = new Recorder();
  readonly breakpoints = new Breakpoints();
  readonly watches = new Watches();
  readonly clint: Clint;
  readonly devices: Devices;
  readonly bus: Bus;
  readonly units: readonly HartUnit[];
  readonly turns: Turns;
  /** There is none until the interpreter is instantiated. */
  tier: SecondTier | undefined;
  /** Bytes that the UART has sent. */
  sent = 0;

  /** Throws a `RangeError` for a board that cannot be. */
  constructor(config: BoardConfig, memory: ArrayBuffer) {
    this.config = completed(config);
    const { harts, quantum } = this.config;
    this.bytes = new Uint8Array(memory);
    this.words = new Uint32Array(memory);
    this.words[ramPagesAt / 4] = config.ram / pageBytes;
    new Float64Array(memory)[walkCostAt / 8] = config.costs.walkReference;
    this.pages = new RamPages(memory, (host) => this.tier?.replaced(host));
    this.clint = new Clint(harts, () => this.turns.running.hart.cycle);
    this.devices = new Devices({
      config,
      harts,
      memory: this.bytes,
      cycle: () => this.turns.running.hart.cycle,
      written: (physical, length, device) => {
        this.written(physical, length);
        this.watchDevice(physical, length, device);
      },
      transmitted: (byte) => {
        this.sent++;
        this.recorder.transmit(this.turns.running.hart, byte);
      },
      finished: (code) => this.turns.finish({ kind: 'exit', code }),
      resetAsked: () => this.turns.finish({ kind: 'reset' }),
      used: (slot, queue, { head }, written) =>
        this.recorder.request(this.turns.running.hart, slot, queue, head, written),
    });
    const touch = (host: number, length: number): void => {
      this.pages.touch(host, length);
      this.tier?.written(host, length);
    };
    this.bus = new Bus(config.ram, { touch }, [this.clint, ...this.devices.list]);
    const { devices, recorder, breakpoints } = this;
    this.units = Array.from({ length: harts }, (_, id) => this.makeUnit(id, memory));
    this.turns = new Turns({ units: this.units, quantum, devices, recorder, breakpoints });
  }

  /** What emitted code calls: on behalf of the hart whose turn it is. */
  slowPaths(): Readonly<Record<SlowPathName, (argument: number) => number>> {
    const { turns } = this;
    const hot = (entry: number): number => {
      this.tier?.request(entry);
      return 0;
    };
    if (this.units.length === 1) return { ...turns.running.slowPaths, hot };
    const names = slowPaths.filter((name) => name !== 'hot');
    const ofRunning = (name: Exclude<SlowPathName, 'hot'>) => (argument: number) =>
      turns.running.slowPaths[name](argument);
    const paths = Object.fromEntries(names.map((name) => [name, ofRunning(name)]));
    return { ...(paths as SlowPaths), hot };
  }

  /** What emitted code has to leave itself for, as somebody hears of it: walks and what fills the TLBs, CSR writes, markers. */
  tells(kinds: readonly EventKind[]): void {
    const flag = (at: number, ...heard: EventKind[]): void => {
      this.words[at / 4] = heard.some((kind) => kinds.includes(kind)) ? 1 : 0;
    };
    flag(walksToldAt, 'entry', 'walk', 'fill');
    flag(csrHeardAt, 'csr');
    flag(markersHeardAt, 'marker');
  }

  /** To be called when breakpoints have been set. */
  stopAtBreakpoints(): void {
    this.words[breakpointsAt / 4] = this.breakpoints.list.length > 0 ? 1 : 0;
  }

  /** To be called when the watches have changed. */
  watch(): void {
    const { pages, bus, watches } = this;
    pages.unmarkAll('watched');
    for (const { start, bytes, on } of watches.list) {
      if (on === 'load' || !bus.inRam(start, 1)) continue;
      const first = start - (start % pageBytes);
      const end = Math.min(start + bytes, ramBase + bus.ramBytes);
      for (let page = first; page < end; page += pageBytes) pages.mark(bus.host(page), 'watched', true);
    }
    this.words[loadsWatchedAt / 4] = watches.onLoads ? 1 : 0;
    for (const unit of this.units) unit.findPlainMemory();
  }

  /** RAM is stored to, but not by a hart. */
  written(physical: number, length: number): void {
    this.bus.hostToWrite(physical, length);
    for (const { hart } of this.units) hart.set(at.reservation, 0);
  }

  private watchDevice(physical: number, length: number, device: string): void {
    if (!this.watches.hits('store', physical, length)) return;
    const { id, position, pcHigh, pcLow } = this.turns.running.hart;
    const pc = (BigInt(pcHigh) << 32n) | BigInt(pcLow);
    const where = { hart: id, pc, physical, bytes: length, position };
    this.turns.stopAfterDevice({ kind: 'watch', access: 'store', by: { device }, ...where });
  }

  private makeUnit(id: number, memory: ArrayBuffer): HartUnit {
    const { bus, clint, devices, recorder, breakpoints, watches } = this;
    return new HartUnit(id, {
      config: this.config,
      memory,
      bus,
      clint,
      plic: devices.plic,
      recorder,
      breakpoints,
      watches,
      horizon: () => this.turns.horizon,
      wiresChanged: () => devices.changed(),
      stop: (stop) => this.turns.stop(stop),
    });
  }
}
