/** The machine as its users see it: a board that runs, is looked at, saved and restored. */
import type { EventBatch, EventKind } from '../events.ts';
import type { Image } from '../image.ts';
import { csrRows } from '../isa/csrs.ts';
import { markerLabels } from '../isa/markers.ts';
import { M } from '../isa/privilege.ts';
import type {
  CodeInspection,
  CoreState,
  DeviceState,
  HartState,
  MachineState,
  TlbSlot,
  Translation,
} from '../state.ts';
import { Board } from './board.ts';
import type { Devices } from './devices/devices.ts';
import { inspectDevices } from './devices/inspect/inspect.ts';
import { at } from './hart.ts';
import type { HartUnit } from './hart-unit.ts';
import { instantiate, newMemory } from './instance.ts';
import { hartStateBytes, labelAt, mostRegions, pageBytes, transientFields } from './layout.ts';
import { loadImage } from './load.ts';
import type { SecondTier, TierParts } from './second-tier.ts';
import {
  boardOf,
  type HartSnapshot,
  requireFit,
  requireSizes,
  type Snapshot,
  SnapshotError,
  snapshotVersion,
} from './snapshot.ts';
import type { Tlb } from './tlb.ts';
import type { BoardConfig, Mark, RackMember, Stop, Tiering } from './types.ts';
import type { Watch } from './watches.ts';

/** Makes the machine of a board, with a second tier or with the interpreter alone. Throws a `RangeError` for a board that cannot be. */
export async function makeMachine(config: BoardConfig, tierFor: (parts: TierParts) => SecondTier): Promise<RackMember> {
  const memory = newMemory(config.ram);
  const board = new Board(config, memory.buffer);
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: mostRegions, maximum: mostRegions });
  const { run, translation, library } = await instantiate(memory, table, board.slowPaths());
  const { turns, units } = board;
  for (const { mmu } of units) mmu.connect(translation);
  const refuseStores = (): void => {
    for (const { inline } of units) inline.flushStores();
  };
  const tier = tierFor({
    memory,
    table,
    library,
    hart: units.length === 1 ? turns.running.hart.base : undefined,
    ram: config.ram,
    markCode: (host, holds) => board.pages.mark(host, 'code', holds),
    running: () => turns.running.hart,
    refuseStores,
  });
  board.tier = tier;
  const enter = (hart: number): void => {
    run(hart);
    tier.work();
  };
  return new BoardMachine(board, enter, tier);
}

class BoardMachine implements RackMember {
  readonly config: BoardConfig;
  private readonly board: Board;
  private readonly enter: (hart: number) => void;
  private readonly tier: SecondTier;
  /** Found when it is first asked for: disks may be large. */
  private madeOf: Snapshot['board'] | undefined;

  constructor(board: Board, enter: (hart: number) => void, tier: SecondTier) {
    this.board = board;
    this.tier = tier;
    this.config = board.config;
    this.enter = enter;
    for (const unit of board.units) unit.reset();
  }

  get position(): number {
    return this.board.turns.mark.position;
  }

  get ramBytes(): number {
    return this.config.ram;
  }

  get mark(): Mark {
    return this.board.turns.mark;
  }

  get cycle(): number {
    return Math.max(...this.board.units.map(({ hart }) => hart.cycle));
  }

  get sent(): number {
    return this.board.sent;
  }

  load(image: Image): void {
    const { bus, bytes, units } = this.board;
    loadImage(image, bus, bytes);
    for (const { hart } of units) hart.setPc(Number(image.entry & 0xffff_ffffn), Number(image.entry >> 32n));
  }

  run(steps: number, continues = false): Stop {
    return this.runUntil(steps, continues, Number.POSITIVE_INFINITY) ?? { kind: 'limit' };
  }

  runUntil(steps: number, continues: boolean, cycle: number): Stop | undefined {
    return this.board.turns.run(steps, continues, this.enter, cycle);
  }

  settleTo(mark: Mark, cycle = Number.POSITIVE_INFINITY): void {
    this.board.turns.settleTo(mark, cycle);
  }

  stand(position: number): void {
    this.board.turns.position = position;
  }

  get alarm(): number | undefined {
    const { turns } = this.board;
    return turns.asleep ? turns.alarm : undefined;
  }

  get listens(): boolean {
    return this.board.turns.listens;
  }

  input(bytes: Uint8Array, slot?: number): void {
    this.board.devices.input(bytes, slot);
  }

  output(slot?: number): Uint8Array {
    return this.board.devices.output(slot);
  }

  diskBlocks(slot: number): ReadonlyMap<number, Uint8Array> | undefined {
    return this.board.devices.diskBlocks(slot);
  }

  dropOutput(): void {
    this.board.devices.dropOutput();
  }

  takeEvents(): EventBatch {
    return this.board.recorder.take();
  }

  listen(kinds: readonly EventKind[]): void {
    this.board.recorder.listen(kinds);
    this.board.tells(kinds);
  }

  setTiering(tiering: Tiering): void {
    this.tier.tiering = tiering;
  }

  setBreakpoints(addresses: readonly bigint[]): void {
    this.board.breakpoints.set(addresses);
    this.board.stopAtBreakpoints();
    this.flush();
  }

  setWatches(watches: readonly Watch[]): void {
    this.board.watches.set(watches);
    this.board.turns.forgetDevices();
    this.board.watch();
    this.flush();
  }

  inspectCode(va: bigint, hart = 0): CodeInspection | undefined {
    const { bus } = this.board;
    const unit = this.unit(hart);
    const { mapped, pa } = unit.hart.mode === M ? { mapped: true, pa: va } : unit.mmu.inspect(va);
    const physical = Number(pa);
    if (!mapped || !bus.inMemory(physical, 2)) return undefined;
    return this.tier.inspect(unit.hart, va, bus.host(physical));
  }

  state(): MachineState {
    const { units, turns } = this.board;
    const { position, cycle } = this;
    return { position, cycle, harts: units.map(stateOf), running: turns.running.hart.id };
  }

  devices(): readonly DeviceState[] {
    const { clint, devices, units } = this.board;
    return inspectDevices(clint, devices, units.length, this.cycle);
  }

  core(hart = this.board.turns.running.hart.id): CoreState {
    const { hart: core } = this.unit(hart);
    const register = (number: number): bigint => wide(core.registerLow(number), core.registerHigh(number));
    return { hart, pc: wide(core.pcLow, core.pcHigh), mode: core.wholeMode, register };
  }

  readMemory(physical: number, bytes: number): Uint8Array | undefined {
    const { bus, bytes: memory } = this.board;
    if (!bus.inMemory(physical, bytes)) return undefined;
    const start = bus.host(physical);
    return memory.slice(start, start + bytes);
  }

  setRegister(register: number | 'pc', value: bigint, hart = 0): void {
    const { hart: target } = this.unit(hart);
    const low = Number(value & 0xffff_ffffn);
    const high = Number((value >> 32n) & 0xffff_ffffn);
    if (register === 'pc') target.setPc(low, high);
    else if (register > 0 && register < 32) target.setPair(at.registers + 8 * register, low, high);
  }

  writeMemory(physical: number, bytes: Uint8Array): boolean {
    const { bus, bytes: memory } = this.board;
    if (!bus.inRam(physical, bytes.length)) return false;
    memory.set(bytes, bus.host(physical));
    this.board.written(physical, bytes.length);
    return true;
  }

  translate(va: bigint, hart = 0): Translation {
    return this.unit(hart).mmu.inspect(va);
  }

  snapshot(): Snapshot {
    const { turns, units, clint, devices, pages, sent } = this.board;
    turns.running.hart.remaining = 0;
    const memory = pages.save();
    for (const { inline } of units) inline.flushStores();
    return {
      version: snapshotVersion,
      board: this.made,
      turns: turns.save(),
      harts: units.map(saveHart),
      clint: clint.save(),
      devices: devices.save(),
      sent,
      memory,
    };
  }

  restore(snapshot: Snapshot): void {
    const { turns, units, clint, devices, pages } = this.board;
    requireFit(snapshot, this.made);
    requireSizes(snapshot, { harts: units.length, tlb: this.config.tlb, chunks: pages.chunks });
    loadDevices(devices, snapshot);
    units.forEach((unit, id) => {
      const hart = snapshot.harts[id];
      if (hart !== undefined) loadHart(unit, hart);
    });
    turns.load(snapshot.turns);
    clint.load(snapshot.clint);
    pages.load(snapshot.memory);
    this.board.sent = snapshot.sent;
    for (const unit of units) unit.restored();
  }

  private unit(hart: number): HartUnit {
    const unit = this.board.units[hart];
    if (unit === undefined) throw new RangeError(`The board has no hart ${hart}.`);
    return unit;
  }

  private get made(): Snapshot['board'] {
    this.madeOf ??= boardOf(this.config);
    return this.madeOf;
  }

  private flush(): void {
    for (const { inline } of this.board.units) inline.flush();
  }
}

/** Devices know what their states look like; whatever they stumble over was not made by them. */
function loadDevices(devices: Devices, snapshot: Snapshot): void {
  try {
    devices.load(snapshot.devices);
    devices.dropOutput();
  } catch (error) {
    throw new SnapshotError(`The snapshot is damaged: its devices cannot be restored (${error}).`);
  }
}

function saveHart({ hart, mmu, lastPending }: HartUnit): HartSnapshot {
  const words = hart.u32.slice(0, hartStateBytes / 4);
  for (const [offset, count] of transientFields) words.fill(0, offset / 4, offset / 4 + count);
  return { words, instruction: mmu.instruction.save(), data: mmu.data.save(), lastPending };
}

function loadHart(unit: HartUnit, { words, instruction, data, lastPending }: HartSnapshot): void {
  unit.hart.u32.set(words);
  unit.mmu.instruction.load(instruction);
  unit.mmu.data.load(data);
  unit.lastPending = lastPending;
}

function stateOf({ hart, csrs, mmu, waiting }: HartUnit): HartState {
  return {
    pc: wide(hart.pcLow, hart.pcHigh),
    mode: hart.wholeMode,
    registers: Array.from({ length: 32 }, (_, index) => wide(hart.registerLow(index), hart.registerHigh(index))),
    floats: Array.from({ length: 32 }, (_, index) => wide(...hart.pair(at.floats + 8 * index))),
    csrs: Object.fromEntries(csrRows.map((row) => [row.name, wide(...csrs.read(row.number))])),
    waiting,
    labels: Object.fromEntries(
      markerLabels.map((name, index) => [name, wide(...hart.pair(labelAt(index)))]),
    ) as HartState['labels'],
    tlb: { instruction: slotsOf(mmu.instruction), data: slotsOf(mmu.data) },
  };
}

const wide = (low: number, high: number): bigint => (BigInt(high) << 32n) | BigInt(low);

const slotsOf = (tlb: Tlb): TlbSlot[] =>
  tlb.entries().map(({ slot, vpn, ppn, asid, vmid, flags, hostFlags, level }) => ({
    slot,
    va: BigInt(vpn) * BigInt(pageBytes),
    pa: BigInt(ppn) * BigInt(pageBytes),
    level,
    asid: orBare(asid, 0xffff),
    virtual: vmid >= 0,
    vmid: orBare(vmid, 0x3fff),
    flags: flags & 0xff,
    hostFlags: hostFlags & 0xff,
  }));

/** Where a stage is Bare, the TLB has a number that no register can hold. */
const orBare = (number: number, most: number): number | undefined =>
  number >= 0 && number <= most ? number : undefined;
