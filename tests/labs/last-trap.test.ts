import { describe, expect, it } from 'vitest';
import { sayTrap, unreturnedFrom } from '../../src/labs/last-trap.ts';
import { RunRecord } from '../../src/labs/observations.ts';
import { batchOf, type GivenEvent } from '../visualizers/batches.ts';

const recordOf = (...events: readonly GivenEvent[]): RunRecord => {
  const record = new RunRecord();
  record.take(batchOf(events));
  return record;
};
const trap = (position: number, cause: number): GivenEvent => ({ kind: 'trap', position, cause, pc: 0x8000_0010n });
const back = (position: number): GivenEvent => ({ kind: 'return', position });

const rows: readonly (readonly [string, RunRecord, number | undefined])[] = [
  ['an exception that nothing came back from', recordOf(trap(5, 13)), 13],
  ['none where it was returned from', recordOf(trap(5, 13), back(9)), undefined],
  ['the second, after the first was returned from', recordOf(trap(1, 13), back(3), trap(5, 2)), 2],
  ['none for a call, which is no mistake', recordOf(trap(5, 8)), undefined],
  ['none for an interrupt', recordOf({ kind: 'trap', position: 5, cause: 7, interrupt: true }), undefined],
  ['none for a program without traps', recordOf(), undefined],
];

describe('what a program was handling when it ended', () => {
  it.each(rows)('is %s', (_, record, cause) => {
    expect(unreturnedFrom(record)?.cause).toBe(cause);
  });

  it('is told with its place and its value', () => {
    const found = unreturnedFrom(recordOf(trap(5, 13)));
    if (found === undefined) throw new Error('there is one');
    expect(sayTrap(found, { file: 'main.c', line: 3 })).toBe(
      ' It was handling a trap: Load page fault, at main.c:3; the trap value is 0x0.',
    );
    expect(sayTrap(found, undefined)).toContain('at pc 0x80000010;');
  });
});
