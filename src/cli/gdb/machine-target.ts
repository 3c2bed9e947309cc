/** A machine as a debugger sees it, with its past. Memory is that of the hart's present translation. */
import type { EventKind } from '../../engine/events.ts';
import { M } from '../../engine/isa/privilege.ts';
import { History } from '../../engine/machine/history.ts';
import type { Machine, Stop } from '../../engine/machine/types.ts';
import type { Watch } from '../../engine/machine/watches.ts';
import type { HartState } from '../../engine/state.ts';
import type { Runner } from '../run/drive.ts';
import type { DebugStop, DebugTarget, DebugWatch } from './target.ts';

const pageBytes = 4096;

/** A watch as GDB knows it, and where that is in memory. */
interface PlacedWatch {
  readonly watch: DebugWatch;
  readonly places: readonly Watch[];
}

export class MachineTarget implements DebugTarget, Runner {
  readonly past = {
    seek: (position: number): void => this.history.seek(position),
    step: (): DebugStop => this.stepBack(),
    run: (): DebugStop => this.runBack(),
  };
  private readonly machine: Machine;
  private history: History;
  private kinds: readonly EventKind[] = [];
  private breakpoints: readonly bigint[] = [];
  private watches: readonly PlacedWatch[] = [];

  constructor(machine: Machine) {
    this.machine = machine;
    this.history = newHistory(machine);
  }

  get harts(): number {
    return this.machine.state().harts.length;
  }

  get position(): number {
    return this.machine.position;
  }

  run(steps: number, continues: boolean): Stop {
    return this.history.run(steps, continues);
  }

  input(bytes: Uint8Array): void {
    this.history.input(bytes);
  }

  listen(kinds: readonly EventKind[]): void {
    this.kinds = kinds;
    this.history.listen(kinds);
  }

  /** The hart whose turn it is. */
  get running(): number {
    return this.machine.state().running;
  }

  state(hart: number): HartState {
    const state = this.machine.state().harts[hart];
    if (state === undefined) throw new RangeError(`there is no hart ${hart}`);
    return state;
  }

  setRegister(hart: number, register: number | 'pc', value: bigint): void {
    this.machine.setRegister(register, value, hart);
    this.beginAnew();
  }

  read(hart: number, address: bigint, bytes: number): Uint8Array | undefined {
    const found = new Uint8Array(bytes);
    for (const { va, at, length } of pieces(address, bytes)) {
      const physical = this.physicalOf(hart, va);
      const part = physical === undefined ? undefined : this.machine.readMemory(physical, length);
      if (part === undefined) return at === 0 ? undefined : found.slice(0, at);
      found.set(part, at);
    }
    return found;
  }

  write(hart: number, address: bigint, bytes: Uint8Array): boolean {
    const written = [...pieces(address, bytes.length)].every(({ va, at, length }) => {
      const physical = this.physicalOf(hart, va);
      return physical !== undefined && this.machine.writeMemory(physical, bytes.subarray(at, at + length));
    });
    this.beginAnew();
    return written;
  }

  setBreakpoints(addresses: readonly bigint[]): void {
    this.breakpoints = addresses;
    this.history.setBreakpoints(addresses);
  }

  setWatches(watches: readonly DebugWatch[], hart: number): boolean {
    const placed = watches.map((watch) => ({ watch, places: this.placesOf(watch, hart) }));
    if (placed.some(({ places }) => places === undefined)) return false;
    this.watches = placed.map(({ watch, places = [] }) => ({ watch, places }));
    this.history.setWatches(this.watches.flatMap(({ places }) => places));
    return true;
  }

  /** The watch that an access has touched, as GDB knows it. */
  watchAt(physical: number): DebugWatch | undefined {
    const near = this.watches.find(({ places }) =>
      places.some(({ start, bytes }) => physical < start + bytes && physical + longestAccess > start),
    );
    return near?.watch;
  }

  /** What a debugger changes is in no log, so that the past could not be replayed: it is forgotten. */
  private beginAnew(): void {
    this.history = newHistory(this.machine);
    this.history.listen(this.kinds);
    this.history.setBreakpoints(this.breakpoints);
    this.history.setWatches(this.watches.flatMap(({ places }) => places));
  }

  /** Undefined where the page is not mapped. M-mode addresses are physical. */
  private physicalOf(hart: number, address: bigint): number | undefined {
    if (this.state(hart).mode === M) return Number(address);
    const { mapped, pa } = this.machine.translate(address, hart);
    return mapped ? Number(pa) : undefined;
  }

  private placesOf({ address, bytes, on }: DebugWatch, hart: number): Watch[] | undefined {
    const places: Watch[] = [];
    for (const { va, length } of pieces(address, bytes)) {
      const start = this.physicalOf(hart, va);
      if (start === undefined || this.machine.readMemory(start, length) === undefined) return undefined;
      places.push({ start, bytes: length, on });
    }
    return places;
  }

  /** One step of the machine, whichever hart made it. */
  private stepBack(): DebugStop {
    const { position } = this;
    this.history.seek(position - 1);
    return { kind: this.position < position ? 'step' : 'beginning', hart: this.running };
  }

  /** The latest of what would have stopped the run on the way. */
  private runBack(): DebugStop {
    const from = this.position;
    const found: { readonly position: number; readonly stop: DebugStop }[] = [];
    const look = (sought: Parameters<History['previous']>[0], stopOf: (hart: number) => DebugStop): void => {
      if (this.history.previous(sought)) found.push({ position: this.position, stop: stopOf(this.running) });
      this.history.seek(from);
    };
    if (this.breakpoints.length > 0) {
      look({ kind: 'breakpoint', addresses: this.breakpoints }, (hart) => ({ kind: 'breakpoint', hart }));
    }
    for (const { watch, places } of this.watches) {
      const { on, address } = watch;
      look({ kind: 'access', watches: places }, (hart) => ({ kind: 'watch', hart, access: on, address }));
    }
    const latest = found.sort((a, b) => b.position - a.position)[0];
    this.history.seek(latest?.position ?? 0);
    return latest?.stop ?? { kind: 'beginning', hart: this.running };
  }
}

/** A guest that has written to all of its RAM needs that much for one snapshot; what follows shares most of it. */
const newHistory = (machine: Machine): History =>
  new History(machine, { memory: 2 * machine.config.ram + moreForHistory });
const moreForHistory = 256 * 2 ** 20;

/** A double-word that begins before the watched range may reach into it. */
const longestAccess = 8;

/** Cuts a range at the borders of pages, each of which may lie elsewhere. */
function* pieces(address: bigint, bytes: number): Generator<{ va: bigint; at: number; length: number }> {
  for (let at = 0; at < bytes; ) {
    const va = BigInt.asUintN(64, address + BigInt(at));
    const length = Math.min(bytes - at, pageBytes - Number(va % BigInt(pageBytes)));
    yield { va, at, length };
    at += length;
  }
}
