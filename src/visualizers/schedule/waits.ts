/** When tasks waited, and for what: as software says, else as the way in which they lost the hart lets one suppose. */
import type { Span } from '../visualizer.ts';
import type { Stretch } from './columns.ts';
import type { ScheduleModel } from './model.ts';
import { isTask } from './occupants.ts';
import { type Statement, statementsIn } from './statements.ts';

/** `away`: it gave way by itself, and nobody says what for. */
export type WaitState = 'ready' | 'blocked' | 'away';

export interface TaskWait {
  readonly task: number;
  readonly from: number;
  readonly to: number;
  readonly state: WaitState;
  /** Software said so. */
  readonly said: boolean;
}

interface Loss {
  readonly hart: number;
  readonly at: number;
  readonly preempted: boolean;
}

/**
 * Of a part of the run, by its stretches. A task waits while another one has the hart that it had, or while it is said to
 * be blocked or ready; its kernel at work on its behalf is no wait.
 */
export function taskWaits(model: ScheduleModel, stretches: readonly Stretch[], span: Span): TaskWait[] {
  const end = Math.min(
    span.end,
    stretches.reduce((last, { to }) => Math.max(last, to), 0),
  );
  const start = stretches.reduce((first, { from }) => Math.min(first, from), span.start);
  const said = statementsIn(model.statements, start, end);
  const waits: TaskWait[] = [];
  const lost = new Map<number, Loss>();
  /** Since when each had a hart last. */
  const got = new Map<number, number>();
  const lastOn = new Map<number, number>();
  const close = (task: number, to: number, another: boolean): void => {
    const loss = lost.get(task);
    const since = loss?.at ?? (got.has(task) ? undefined : start);
    lost.delete(task);
    if (since === undefined) return;
    const heard = got.get(task) ?? start;
    const statements = (said.get(task) ?? []).filter(({ position }) => position >= heard && position <= to);
    waits.push(...partsOf(task, since, to, another ? loss : undefined, statements));
  };
  const inOrder = stretches.filter(({ occupant }) => isTask(model.occupants, occupant)).sort((a, b) => a.from - b.from);
  for (const { hart, occupant, from, to, next } of inOrder) {
    close(occupant, from, lastOn.get(hart) !== occupant);
    lastOn.set(hart, occupant);
    got.set(occupant, from);
    if (next !== undefined) lost.set(occupant, { hart, at: to, preempted: next.interrupt });
  }
  for (const task of new Set([...lost.keys(), ...said.keys()])) {
    const loss = lost.get(task);
    close(task, end, loss !== undefined && lastOn.get(loss.hart) !== task);
  }
  return waits.filter(({ from, to }) => to > from && to > span.start);
}

/** From statement to statement, some made before it lost the hart; before the first, by how it did, if another got it. */
function partsOf(
  task: number,
  from: number,
  to: number,
  loss: Loss | undefined,
  statements: readonly Statement[],
): TaskWait[] {
  const [first] = statements;
  const inferred: WaitState = loss?.preempted === true ? 'ready' : 'away';
  const head: TaskWait[] =
    loss === undefined ? [] : [{ task, from, to: first?.position ?? to, state: inferred, said: false }];
  const tail = statements.map(({ position, saying }, index): TaskWait => {
    const until = statements[index + 1]?.position ?? to;
    return { task, from: Math.max(from, position), to: until, state: saying, said: true };
  });
  return [...head, ...tail];
}
