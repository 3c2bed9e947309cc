/** What software said of tasks that do not run, as entries of a log: from when on one was ready, or blocked. */
import { type ChunkedLog, cycleOf, firstFrom, type LogWriter, positionOf, wordOf } from '../chunked-log.ts';
import type { Saying } from './labels.ts';

export const wordsEach = 1;

export interface Statement {
  readonly occupant: number;
  readonly saying: Saying;
  readonly position: number;
  readonly cycle: number;
}

export function appendStatement(writer: LogWriter, { occupant, saying, position, cycle }: Statement): void {
  const words = writer.append(position, cycle)?.words;
  if (words !== undefined) words[writer.newest] = (occupant << 1) | (saying === 'blocked' ? 1 : 0);
}

function statementAt(log: ChunkedLog, ordinal: number): Statement | undefined {
  const facts = wordOf(log, ordinal, 0);
  if (facts === undefined) return undefined;
  return {
    occupant: facts >>> 1,
    saying: (facts & 1) === 1 ? 'blocked' : 'ready',
    position: positionOf(log, ordinal) ?? 0,
    cycle: cycleOf(log, ordinal) ?? 0,
  };
}

/** Statements that are gone through for one picture. */
const mostRead = 20_000;

/** From one position up to another, by the task that they are about. */
export function statementsIn(log: ChunkedLog, start: number, end: number): ReadonlyMap<number, readonly Statement[]> {
  const found = new Map<number, Statement[]>();
  const first = firstFrom(log, start);
  for (let ordinal = first; ordinal < Math.min(log.total, first + mostRead); ordinal++) {
    const statement = statementAt(log, ordinal);
    if (statement === undefined) continue;
    if (statement.position > end) break;
    const known = found.get(statement.occupant);
    if (known === undefined) found.set(statement.occupant, [statement]);
    else known.push(statement);
  }
  return found;
}
