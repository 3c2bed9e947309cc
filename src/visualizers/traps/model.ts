/** The harts' ways through the modes: every trap down and every return up, and a ledger by cause. */
import { type EventBatch, recordWords } from '../../engine/events.ts';
import { exceptionCode } from '../../engine/isa/causes.ts';
import { VU, virtualBit } from '../../engine/isa/privilege.ts';
import { type ChunkedLog, emptyLog, LogWriter } from '../chunked-log.ts';
import { addCount, addStay, covering, type Density, emptyDensity, laneIn } from '../density.ts';
import { type Guests, hgatp, noGuests, seenOn, switched, vmidOf } from '../guests.ts';
import { cycleIn, hartIn, positionIn, type Records, recordFields, recordKinds, recordsOf } from '../records.ts';
import { believedMode, type HartLabels, labelled, tellsOfGuests, unlabelled } from './believed.ts';
import { appendCrossing, packFacts, wordsEach } from './crossings.ts';
import { laneKey } from './lanes.ts';
import { charge, classOf, countTrap, emptyLedger, type Ledger, trapClasses } from './ledger.ts';
import { countPlace, emptyPlaces, type Places } from './places.ts';
import { closed, handling, opened, startOf, type Way } from './way.ts';

export interface TrapsModel {
  readonly log: ChunkedLog;
  readonly ledger: Ledger;
  readonly places: Places;
  readonly density: Density;
  /** By hart; harts that never trapped have none. */
  readonly ways: readonly (Way | undefined)[];
  readonly guests: Guests;
  /** Traps so far. */
  readonly total: number;
  /** Position behind the newest crossing. */
  readonly end: number;
  /** The same run as its deprivileged guests believe it, once there is one. */
  readonly believed: BelievedTraps | undefined;
}

interface BelievedTraps extends TrapsModel {
  /** By hart. */
  readonly labels: readonly (HartLabels | undefined)[];
}

export const emptyTraps = (): TrapsModel => ({
  log: emptyLog(wordsEach),
  ledger: emptyLedger(),
  places: emptyPlaces(),
  density: emptyDensity(),
  ways: [],
  guests: noGuests,
  total: 0,
  end: 0,
  believed: undefined,
});

const { trap: trapAt, return: returnAt, csr: csrAt, wait: waitAt } = recordFields;
const pcAt = 6;
const trapPlaces = [pcAt, trapAt.target, trapAt.tval, trapAt.tval2];
const returnPlaces = [pcAt, returnAt.target, -1, -1];
const ecallFromUser = exceptionCode('ecall-u');
/** What tells rows of the ledger apart, of `packFacts`: not the hart. */
const ledgerMask = ~(15 << 16);

/** Buffers are filled in place; the model is a new object. */
export function updateTraps(model: TrapsModel, batch: EventBatch): TrapsModel {
  const before = model.believed ?? (tellsOfGuests(batch) ? withoutGuests(model) : undefined);
  const plain = fed(new Builder(model), batch).finish();
  if (before === undefined) return plain;
  return { ...plain, believed: fed(new BelievingBuilder(before), batch).finish() };
}

/** Until now both sides were the same. */
function withoutGuests(model: TrapsModel): BelievedTraps {
  const copy = structuredClone(model);
  return { ...copy, guests: { ...copy.guests, by: 'guest' }, labels: [] };
}

function fed<B extends Builder>(builder: B, batch: EventBatch): B {
  const records = recordsOf(batch);
  for (let at = 0; at < records.words.length; at += recordWords) {
    const kind = records.words[at];
    if (kind === recordKinds.trap) builder.trap(records, at);
    else if (kind === recordKinds.return) builder.return(records, at);
    else if (kind === recordKinds.wait) builder.wait(records, at);
    else if (kind === recordKinds.marker) builder.marker(records, at);
    else if (kind === recordKinds.csr && records.words[at + csrAt.number] === hgatp) builder.secondStage(records, at);
  }
  return builder;
}

class Builder {
  protected readonly model: TrapsModel;
  private readonly ways: (Way | undefined)[];
  private readonly writer: LogWriter;
  private density: Density;
  protected guests: Guests;
  private total: number;
  private end: number;

  constructor(model: TrapsModel) {
    this.model = model;
    this.ways = [...model.ways];
    this.writer = new LogWriter(model.log);
    this.density = model.density;
    this.guests = model.guests;
    this.total = model.total;
    this.end = model.end;
  }

  secondStage({ words }: Records, at: number): void {
    const hart = words[at + 1] ?? 0;
    this.guests = switched(this.guests, hart, vmidOf(words[at + csrAt.value + 1] ?? 0)).guests;
  }

  trap(records: Records, at: number): void {
    const { words } = records;
    const hart = hartIn(records, at);
    const from = this.modeOf(hart, words[at + trapAt.from] ?? 0);
    const to = this.modeOf(hart, words[at + trapAt.to] ?? 0);
    const cause = words[at + trapAt.cause] ?? 0;
    const interrupt = words[at + trapAt.interrupt] ?? 0;
    const innerCall = this.isInnerCall(words[at + trapAt.from] ?? 0, from, cause);
    const position = positionIn(records, at);
    const guest = this.guestOf(hart, from, to);
    const facts = packFacts(false, interrupt, cause, from, to, hart, guest, innerCall);
    const way = this.arrive(hart, from, position, cycleIn(records, at));
    const trap = { cause, interrupt: interrupt === 1, from, to, innerCall };
    const row = countTrap(this.model.ledger, facts & ledgerMask, position, () => ({
      ...trap,
      guest: isVirtual(from, to) ? guest : undefined,
    }));
    opened(way, to, guest, row);
    countPlace(this.model.places, row, words[at + pcAt] ?? 0, words[at + pcAt + 1] ?? 0);
    const lane = laneIn(this.density, laneKey(hart, to, guest));
    addCount(lane, this.density.width, position, trapClasses.indexOf(classOf(trap)));
    this.total++;
    this.leave(way, to, guest, facts, records, at, trapPlaces);
  }

  return(records: Records, at: number): void {
    const { words } = records;
    const hart = hartIn(records, at);
    const from = this.modeOf(hart, words[at + returnAt.from] ?? 0);
    const to = this.modeOf(hart, words[at + returnAt.to] ?? 0);
    const guest = this.guestOf(hart, from, to);
    const way = this.arrive(hart, from, positionIn(records, at), cycleIn(records, at));
    closed(way, from, to, guest);
    this.leave(way, to, guest, packFacts(true, 0, 0, from, to, hart, guest), records, at, returnPlaces);
  }

  /** Waiting is nobody's work: its cycles are charged to no trap. */
  wait(records: Records, at: number): void {
    const way = this.ways[hartIn(records, at)];
    if (way === undefined) return;
    const cycle = cycleIn(records, at);
    if (records.words[at + waitAt.asleep] === 1) charge(this.model.ledger, handling(way), 0, cycle - way.cycle);
    way.cycle = cycle;
  }

  finish(): TrapsModel {
    const { density, ways, guests, total, end } = this;
    return { ...this.model, log: this.writer.log, density, ways, guests, total, end };
  }

  /** Labels are another side's. */
  marker(_records: Records, _at: number): void {}

  protected modeOf(_hart: number, mode: number): number {
    return mode;
  }

  private isInnerCall(real: number, from: number, cause: number): boolean {
    return real !== from && from === VU && cause === ecallFromUser;
  }

  /** Number of the virtual machine, if a guest is at one end of the crossing. */
  protected guestOf(hart: number, from: number, to: number): number {
    if (!isVirtual(from, to)) return 0;
    const known = this.guests.current[hart];
    if (known !== undefined) return known;
    const { guests, guest } = seenOn(this.guests, hart);
    this.guests = guests;
    return guest;
  }

  /** Gives the time since the hart's last crossing to its lane, and to the trap that it was handling. */
  private arrive(hart: number, from: number, position: number, cycle: number): Way {
    const way = this.ways[hart] ?? startOf(hart, from);
    this.ways[hart] = way;
    this.density = covering(this.density, position);
    addStay(laneIn(this.density, laneKey(hart, way.mode, way.guest)), this.density.width, way.position, position);
    charge(this.model.ledger, handling(way), position - way.position, cycle - way.cycle);
    way.position = position;
    way.cycle = cycle;
    return way;
  }

  private leave(
    way: Way,
    to: number,
    guest: number,
    facts: number,
    { words }: Records,
    at: number,
    fields: readonly number[],
  ): void {
    way.mode = to;
    way.guest = guest;
    laneIn(this.density, laneKey(way.hart, to, guest));
    this.end = way.position + 1;
    appendCrossing(this.writer, way.position, way.cycle, facts, words, at, fields);
  }
}

/** U-mode is what the labels tell, and so is whose it is. */
class BelievingBuilder extends Builder {
  private readonly labels: (HartLabels | undefined)[];

  constructor(model: BelievedTraps) {
    super(model);
    this.labels = [...model.labels];
  }

  override marker(records: Records, at: number): void {
    const hart = hartIn(records, at);
    this.labels[hart] = labelled(this.labels[hart] ?? unlabelled, records.words, at);
  }

  override finish(): BelievedTraps {
    return { ...super.finish(), labels: this.labels };
  }

  protected override modeOf(hart: number, mode: number): number {
    return believedMode(mode, this.labels[hart] ?? unlabelled);
  }

  protected override guestOf(hart: number, from: number, to: number): number {
    const labels = this.labels[hart];
    if (labels?.guest !== true || !isVirtual(from, to)) return super.guestOf(hart, from, to);
    const { guests, guest } = switched(this.guests, hart, labels.vm);
    this.guests = guests;
    return guest;
  }
}

const isVirtual = (from: number, to: number): boolean => ((from | to) & virtualBit) !== 0;
