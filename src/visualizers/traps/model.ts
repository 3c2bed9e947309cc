/** The hart's way over the floors: every trap down and every return up, and a ledger by cause. */
import { batchSize, decodeEvent, type EventBatch, type EventOf, kindAt } from '../../engine/events.ts';
import { causeOf } from '../../engine/isa/causes.ts';

/** Changes of floor that are kept one by one; what comes later is only counted in the ledger. */
export const mostKept = 1_000_000;
/** Traps within traps that are followed; a program that never returns nests without end. */
const deepest = 64;

export interface Crossing {
  readonly kind: 'trap' | 'return';
  readonly position: number;
  readonly from: number;
  readonly to: number;
  readonly cause: number;
  readonly interrupt: boolean;
  readonly pc: bigint;
  readonly target: bigint;
  readonly tval: bigint;
}

export interface LedgerRow {
  readonly key: string;
  readonly cause: number;
  readonly interrupt: boolean;
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** From the trap to its return, without the traps in between. */
  readonly steps: number;
  readonly first: number;
}

interface Open {
  readonly key: string;
  readonly position: number;
  inner: number;
}

export interface TrapsModel {
  readonly crossings: readonly Crossing[];
  readonly ledger: ReadonlyMap<string, LedgerRow>;
  /** Traps without their return yet, the innermost last. */
  readonly open: readonly Open[];
  readonly total: number;
  /** Position of the newest event, or where the machine stood still. */
  readonly end: number;
  readonly dropped: number;
}

export const emptyTraps: TrapsModel = { crossings: [], ledger: new Map(), open: [], total: 0, end: 0, dropped: 0 };

export function updateTraps(model: TrapsModel, batch: EventBatch): TrapsModel {
  const builder = new Builder(model);
  for (let index = 0; index < batchSize(batch); index++) {
    const kind = kindAt(batch, index);
    if (kind !== 'trap' && kind !== 'return') continue;
    const event = decodeEvent(batch, index);
    if (event.kind === 'trap') builder.trap(event);
    else if (event.kind === 'return') builder.return(event);
  }
  return builder.finish();
}

class Builder {
  private readonly crossings: Crossing[];
  private readonly ledger: Map<string, LedgerRow>;
  private readonly open: Open[];
  private total: number;
  private end: number;
  private dropped: number;

  /** The list of crossings only ever grows at its end, so that old and new model share it. */
  constructor(model: TrapsModel) {
    this.crossings = model.crossings as Crossing[];
    this.ledger = new Map(model.ledger);
    this.open = [...model.open];
    this.total = model.total;
    this.end = model.end;
    this.dropped = model.dropped;
  }

  trap({ position, from, to, cause, interrupt, pc, target, tval }: EventOf<'trap'>): void {
    const key = `${interrupt ? 'i' : 'e'}${cause} ${from} ${to}`;
    const row = this.ledger.get(key) ?? { key, cause, interrupt, from, to, count: 0, steps: 0, first: position };
    this.ledger.set(key, { ...row, count: row.count + 1 });
    this.open.push({ key, position, inner: 0 });
    if (this.open.length > deepest) this.open.shift();
    this.total++;
    this.keep({ kind: 'trap', position, from, to, cause, interrupt, pc, target, tval });
  }

  return({ position, from, to, pc, target }: EventOf<'return'>): void {
    const opened = this.open.pop();
    const row = opened === undefined ? undefined : this.ledger.get(opened.key);
    if (opened !== undefined && row !== undefined) {
      const whole = position - opened.position;
      this.ledger.set(opened.key, { ...row, steps: row.steps + whole - opened.inner });
      const outer = this.open.at(-1);
      if (outer !== undefined) outer.inner += whole;
    }
    this.keep({ kind: 'return', position, from, to, cause: 0, interrupt: false, pc, target, tval: 0n });
  }

  finish(): TrapsModel {
    const { crossings, ledger, open, total, end, dropped } = this;
    return { crossings, ledger, open, total, end, dropped };
  }

  private keep(crossing: Crossing): void {
    this.end = Math.max(this.end, crossing.position + 1);
    if (this.crossings.length < mostKept) this.crossings.push(crossing);
    else this.dropped++;
  }
}

/** Index of the first crossing at or after a position. */
export function firstFrom(crossings: readonly Crossing[], position: number): number {
  let low = 0;
  let high = crossings.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((crossings[middle]?.position ?? 0) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const ledgerRows = (model: TrapsModel): LedgerRow[] =>
  [...model.ledger.values()].sort((a, b) => b.count - a.count || a.first - b.first);

export const crossingTitle = ({ kind, cause, interrupt }: Crossing): string =>
  kind === 'return' ? 'Return' : causeOf(cause, interrupt).title;
