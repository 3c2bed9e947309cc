/** Who has the harts: processes, virtual CPUs, what schedules them, and nobody. */
import { type EventBatch, recordWords } from '../../engine/events.ts';
import { csrByName } from '../../engine/isa/csrs.ts';
import { VU } from '../../engine/isa/privilege.ts';
import { type ChunkedLog, emptyLog, LogWriter } from '../chunked-log.ts';
import { addCount, addStay, covering, type Density, emptyDensity, laneIn } from '../density.ts';
import { hgatp, vmidOf } from '../guests.ts';
import { cycleIn, hartIn, positionIn, type Records, recordFields, recordKinds, recordsOf } from '../records.ts';
import { changeLabels, changeSpaces, type HartSchedule, handles, mayLabel, newHart, standingOccupant } from './hart.ts';
import { isSaid, labelIn, type Said } from './labels.ts';
import { type Candidate, idle, isTask, noTasks, type Occupant, placeOf } from './occupants.ts';
import { appendSegment, type Beginning, packSegment, wordsEach } from './segments.ts';
import { guestTask, labelledTask, userTask, withinGuest } from './spaces.ts';
import { appendStatement, wordsEach as statementWords } from './statements.ts';
import { noSwitches, resume, type Switches, say, suspend, type Tallies, tallyOf, withSwitch } from './tallies.ts';

export interface ScheduleModel {
  /** Virtual machines are looked into: their processes are the tasks. */
  readonly inside: boolean;
  readonly occupants: readonly Occupant[];
  /** Counted in place, by occupant. */
  readonly tallies: Tallies;
  readonly switches: Switches;
  readonly log: ChunkedLog;
  /** What was said of tasks that do not run. */
  readonly statements: ChunkedLog;
  /** By `laneOf`. */
  readonly density: Density;
  /** By hart; those that nothing was heard of have none. */
  readonly harts: readonly (HartSchedule | undefined)[];
}

export const emptySchedule = (inside = false): ScheduleModel => ({
  inside,
  occupants: noTasks,
  tallies: [],
  switches: noSwitches,
  log: emptyLog(wordsEach),
  statements: emptyLog(statementWords),
  density: emptyDensity(),
  harts: [],
});

/** A lane of the density: an occupant on a hart. */
export const laneKey = (hart: number, occupant: number): number => (hart << 8) | occupant;

/** What a lane counts: an occupant got the hart; it lost it to an interrupt; it gave it up. */
export const happenings = ['got', 'preempted', 'gave way'] as const;

const { trap: trapAt, return: returnAt, csr: csrAt, wait: waitAt } = recordFields;
const satp = csrByName('satp')?.number ?? -1;
const vsatp = csrByName('vsatp')?.number ?? -1;

const byReturn: Beginning = { how: 'return', interrupt: false, cause: 0 };
const byLabel: Beginning = { how: 'label', interrupt: false, cause: 0 };
const byWait: Beginning = { how: 'wait', interrupt: false, cause: 0 };

/** Buffers are filled in place; the model is a new object. */
export function updateSchedule(model: ScheduleModel, batch: EventBatch): ScheduleModel {
  const builder = new Builder(model);
  const records = recordsOf(batch);
  for (let at = 0; at < records.words.length; at += recordWords) {
    const kind = records.words[at];
    if (kind === recordKinds.trap) builder.trap(records, at);
    else if (kind === recordKinds.return) builder.return(records, at);
    else if (kind === recordKinds.csr) builder.csr(records, at);
    else if (kind === recordKinds.wait) builder.wait(records, at);
    else if (kind === recordKinds.marker) builder.marker(records, at);
  }
  return builder.finish();
}

class Builder {
  private readonly model: ScheduleModel;
  private readonly harts: (HartSchedule | undefined)[];
  private readonly writer: LogWriter;
  private readonly statements: LogWriter;
  private occupants: readonly Occupant[];
  private switches: Switches;
  private density: Density;

  constructor(model: ScheduleModel) {
    this.model = model;
    this.harts = [...model.harts];
    this.writer = new LogWriter(model.log);
    this.statements = new LogWriter(model.statements);
    this.occupants = model.occupants;
    this.switches = model.switches;
    this.density = model.density;
  }

  finish(): ScheduleModel {
    const { occupants, switches, density, harts } = this;
    const logs = { log: this.writer.log, statements: this.statements.log };
    return { ...this.model, occupants, switches, density, harts, ...logs };
  }

  trap(records: Records, at: number): void {
    const hart = this.hartOf(records, at);
    hart.mode = records.words[at + trapAt.to] ?? 0;
    handles(hart, hart.mode, true);
    const occupant = this.occupantOf(hart);
    if (occupant === hart.occupant) return;
    const interrupt = records.words[at + trapAt.interrupt] === 1;
    const cause = records.words[at + trapAt.cause] ?? 0;
    this.become(hart, occupant, records, at, { how: 'trap', interrupt, cause });
  }

  return(records: Records, at: number): void {
    const hart = this.hartOf(records, at);
    handles(hart, records.words[at + returnAt.from] ?? 0, false);
    hart.mode = records.words[at + returnAt.to] ?? 0;
    this.become(hart, this.occupantOf(hart), records, at, byReturn);
  }

  wait(records: Records, at: number): void {
    const hart = this.hartOf(records, at);
    hart.waiting = records.words[at + waitAt.asleep] === 1;
    this.become(hart, this.occupantOf(hart), records, at, byWait);
  }

  csr(records: Records, at: number): void {
    const { words } = records;
    const number = words[at + csrAt.number];
    const [low, high] = [words[at + csrAt.value] ?? 0, words[at + csrAt.value + 1] ?? 0];
    if (number === satp) changeSpaces(this.hartOf(records, at), { satpLow: low, satpHigh: high });
    else if (number === vsatp) changeSpaces(this.hartOf(records, at), { vsatpLow: low, vsatpHigh: high });
    else if (number === hgatp) changeSpaces(this.hartOf(records, at), { vmid: vmidOf(high) });
  }

  marker(records: Records, at: number): void {
    const label = labelIn(records.words, at);
    if (label === undefined) return;
    const hart = this.hartOf(records, at);
    if (!mayLabel(hart)) return;
    if (isSaid(label)) return this.say(label, records, at);
    changeLabels(hart, label);
    this.become(hart, this.occupantOf(hart), records, at, byLabel);
  }

  private say({ kind, value }: Said, records: Records, at: number): void {
    const occupant = this.place(labelledTask(value));
    const [position, cycle] = [positionIn(records, at), cycleIn(records, at)];
    say(tallyOf(this.model.tallies, occupant), kind, cycle, () => this.busyAt(cycle));
    appendStatement(this.statements, { occupant, saying: kind, position, cycle });
  }

  /** By hart: how long tasks have had it. */
  private busyAt(cycle: number): number[] {
    return this.harts.map((hart) => (hart === undefined ? 0 : this.busyOf(hart, cycle)));
  }

  private busyOf(hart: HartSchedule, cycle: number): number {
    return hart.taskCycles + (isTask(this.occupants, hart.occupant) ? Math.max(0, cycle - hart.cycle) : 0);
  }

  private hartOf(records: Records, at: number): HartSchedule {
    const number = hartIn(records, at);
    const hart = this.harts[number] ?? newHart(number);
    this.harts[number] = hart;
    return hart;
  }

  private occupantOf(hart: HartSchedule): number {
    const standing = standingOccupant(hart);
    if (standing === 'user') {
      const seen = this.occupants[hart.user]?.mode;
      if (hart.user < 0 || (seen !== undefined && hart.mode < seen)) {
        hart.user = this.place(userTask(hart.spaces, hart.labels, hart.mode));
      }
      return hart.user;
    }
    if (standing !== 'guest') return standing;
    return this.model.inside ? this.withinGuest(hart) : this.wholeGuest(hart);
  }

  private wholeGuest(hart: HartSchedule): number {
    if (hart.guest < 0) hart.guest = this.place(guestTask(hart.spaces, hart.labels));
    return hart.guest;
  }

  private withinGuest(hart: HartSchedule): number {
    const found = (): number => this.place(withinGuest(hart.spaces, hart.labels, hart.mode));
    if (hart.mode !== VU) {
      if (hart.guestKernel < 0) hart.guestKernel = found();
      return hart.guestKernel;
    }
    if (hart.guest < 0) hart.guest = found();
    return hart.guest;
  }

  private place(candidate: Candidate): number {
    const { occupants, index } = placeOf(this.occupants, candidate);
    this.occupants = occupants;
    return index;
  }

  /** The hart changes hands, if it does. */
  private become(hart: HartSchedule, occupant: number, records: Records, at: number, beginning: Beginning): void {
    if (occupant === hart.occupant) return;
    const position = positionIn(records, at);
    const cycle = cycleIn(records, at);
    this.density = covering(this.density, position);
    const had = hart.occupant;
    const cycles = cycle - hart.cycle;
    addStay(laneIn(this.density, laneKey(hart.hart, had)), this.density.width, hart.position, position);
    tallyOf(this.model.tallies, had).cycles += cycles;
    if (isTask(this.occupants, had)) left(hart, position, cycle, cycles, beginning.interrupt);
    else if (had === idle) hart.idleCycles += cycles;
    hart.occupant = occupant;
    hart.position = position;
    hart.cycle = cycle;
    if (isTask(this.occupants, occupant)) this.dispatched(hart, occupant, position, cycle, beginning);
    laneIn(this.density, laneKey(hart.hart, occupant));
    appendSegment(this.writer, position, cycle, packSegment(hart.hart, occupant, beginning));
  }

  /** A task gets the hart: back from what interrupted it, or from another task. */
  private dispatched(hart: HartSchedule, occupant: number, position: number, cycle: number, { how }: Beginning): void {
    const before = hart.task;
    hart.task = occupant;
    const tally = tallyOf(this.model.tallies, occupant);
    const resumed = (): void => resume(tally, cycle, hart.hart, hart.taskCycles);
    if (before === occupant && !hart.suspended) return resumed();
    if (before >= 0) {
      this.suspend(hart, before);
      // Where a label alone tells threads apart, what the switch took cannot be told; and where only another hart had the
      // task meanwhile, there was none.
      const cost = cycle - hart.leftCycle - hart.idleCycles;
      if (how !== 'label' && before !== occupant) this.switches = withSwitch(this.switches, cost, hart.leftPosition);
    }
    for (const other of this.harts) {
      if (other?.task === occupant && other.occupant !== occupant && other !== hart) this.suspend(other, occupant);
    }
    resumed();
    tally.dispatches++;
    this.happened(hart.hart, occupant, position, 0);
    hart.stint = 0;
    hart.suspended = false;
  }

  private suspend(hart: HartSchedule, task: number): void {
    if (hart.suspended) return;
    hart.suspended = true;
    const { leftCycle, preempted, stint } = hart;
    suspend(tallyOf(this.model.tallies, task), leftCycle, preempted, stint, () => this.busyAt(leftCycle));
    this.happened(hart.hart, task, hart.leftPosition, hart.preempted ? 1 : 2);
  }

  private happened(hart: number, occupant: number, position: number, kind: number): void {
    addCount(laneIn(this.density, laneKey(hart, occupant)), this.density.width, position, kind);
  }
}

/** A task loses the hart, to whoever will decide who goes on. */
function left(hart: HartSchedule, position: number, cycle: number, cycles: number, interrupt: boolean): void {
  hart.task = hart.occupant;
  hart.stint += cycles;
  hart.taskCycles += cycles;
  hart.leftPosition = position;
  hart.leftCycle = cycle;
  hart.preempted = interrupt;
  hart.idleCycles = 0;
}
