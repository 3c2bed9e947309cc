/**
 * The two-dimensional walk: a row for each table of the guest and one for the page, a column for each level of the
 * host, and the guest's own entry at the end of the row. Privileged Spec 20240411 §18.5.
 */
import { rootLevel, type Translation, type Walk } from './walk.ts';

export type CellKind = 'read' | 'leaf' | 'fault' | 'skipped' | 'unused';

export interface GridCell {
  readonly kind: CellKind;
  /** Which reference of the translation it was, from 1. */
  readonly order: number | undefined;
  readonly level: number;
  readonly address: bigint | undefined;
  readonly entry: bigint | undefined;
}

export interface GridRow {
  /** Level of the guest's table; undefined for the page. */
  readonly level: number | undefined;
  /** The guest physical address that the host translates here. */
  readonly address: bigint | undefined;
  readonly walk: Walk | undefined;
  readonly host: readonly GridCell[];
  /** The guest's entry; undefined in the row of the page. */
  readonly own: GridCell | undefined;
}

export interface Grid {
  /** Levels of the host's tables, root first. */
  readonly columns: readonly number[];
  readonly rows: readonly GridRow[];
  /** References that were made, and that there are at most. */
  readonly references: number;
  readonly most: number;
}

/** Undefined where only one stage translates. */
export function gridOf({ walk, legs, page }: Translation): Grid | undefined {
  const some = legs[0] ?? page;
  if (walk.stage !== 'guest' || some === undefined) return undefined;
  const columns = levelsFrom(rootLevel(some));
  const levels = levelsFrom(rootLevel(walk));
  let order = 0;
  const row = (host: Walk | undefined, level: number | undefined): GridRow => {
    const address = host?.va;
    const cells = columns.map((each) => hostCell(host, each, () => ++order));
    const own = level === undefined ? undefined : ownCell(walk, level, host, () => ++order);
    return { level, address, walk: host, host: cells, own };
  };
  const rows = [...levels.map((level, at) => row(legs[at], level)), row(page, undefined)];
  const most = (columns.length + 1) * (levels.length + 1) - 1;
  return { columns, rows, references: order, most };
}

const levelsFrom = (root: number): number[] => Array.from({ length: root + 1 }, (_, at) => root - at);

function hostCell(walk: Walk | undefined, level: number, next: () => number): GridCell {
  const step = walk?.steps.find((each) => each.level === level);
  if (walk === undefined) return { kind: 'unused', order: undefined, level, address: undefined, entry: undefined };
  if (step === undefined) {
    const kind = level === walk.level ? 'fault' : walk.outcome === 'ok' && level < walk.level ? 'skipped' : 'unused';
    return { kind, order: undefined, level, address: undefined, entry: undefined };
  }
  const kind = level > walk.level ? 'read' : walk.outcome === 'ok' ? 'leaf' : 'fault';
  return { kind, order: next(), level, address: step.address, entry: step.value };
}

function ownCell(walk: Walk, level: number, host: Walk | undefined, next: () => number): GridCell {
  const step = walk.steps.find((each) => each.level === level);
  if (step === undefined) {
    const unread = host?.outcome === 'ok' && level === walk.level;
    const kind = unread ? 'fault' : walk.outcome === 'ok' && level < walk.level ? 'skipped' : 'unused';
    return { kind, order: undefined, level, address: undefined, entry: undefined };
  }
  const kind = level > walk.level ? 'read' : walk.outcome === 'ok' ? 'leaf' : 'fault';
  return { kind, order: next(), level, address: step.address, entry: step.value };
}
