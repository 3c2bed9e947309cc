import { describe, expect, it } from 'vitest';
import { formatProblem, type Lesson } from '../../src/labs/lesson.ts';
import { measureRuns } from '../../src/labs/measuring.ts';
import { parseLesson } from '../../src/labs/parse-lesson.ts';

const index = `---
title: A
summary: a.
version: 1
minutes: 1
machine: { ram: 1 MiB }
files:
  - { name: a.S, mode: edit }
runs:
  short: { budget: 1000, define: { ROUNDS: 3 } }
  long: { budget: 1000, define: { ROUNDS: "seed" } }
  endless: { budget: 1000, define: { ROUNDS: 0 } }
checks:
  - { id: ends, title: Ends, run: short, expect: exit.code == 0, hint: It has to end. }
---

:value{run=short of='word("rounds")'} :value{run=short of='word("nothing")'} :value{run=endless of=steps}

:::plot{#series run=long value='[word("rounds"), 5u]' unit=rounds}
Rounds.
:::

::checks
`;
const program = `
        li      t0, ROUNDS
        beqz    t0, .
        la      t1, rounds
        sd      t0, 0(t1)
        li      t0, 0x100000
        li      t1, 0x5555
        sw      t1, 0(t0)
rounds: .dword  0
`;

function lessonOf(text: string): Lesson {
  const parsed = parseLesson(
    '01-a',
    new Map([
      ['index.md', index],
      ['start/a.S', text],
    ]),
    { views: [] },
  );
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'));
  return parsed.lesson;
}

describe('runs that are made for what they give', () => {
  const lesson = lessonOf(program);
  const measure = (runs: readonly string[], text: string) => measureRuns(lesson, runs, { 'a.S': text }, 7);

  it('give values and series, each its own', async () => {
    expect(await measure(['short', 'long'], program)).toEqual({
      measured: { 'short: word("rounds")': 3, 'long: [word("rounds"), 5u]': [7, 5] },
      diagnostics: [],
    });
  });

  it('give nothing where they do not end within their budget', async () => {
    expect(await measure(['endless'], program)).toEqual({ measured: {}, diagnostics: [] });
  });

  it('give what the assembler says where the text does not build', async () => {
    const { measured, diagnostics } = await measure(['short'], 'lii t0, 1');
    expect([measured, diagnostics.map(({ file, line }) => [file, line])]).toEqual([{}, [['a.S', 1]]]);
  });
});
