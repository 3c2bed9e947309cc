import { describe, expect, it } from 'vitest';
import { readLibraryTexts } from '../../src/cli/library-texts.ts';
import { runExperiment } from '../../src/labs/experiment.ts';
import { chainOf, formatProblem, type LessonFolder, measureKey } from '../../src/labs/lesson.ts';
import { parseLesson } from '../../src/labs/parse-lesson.ts';

const index = `---
title: A lesson
summary: What it is about.
version: 1
minutes: 30
machine: { ram: 16 MiB }
files:
  - { name: a.S, mode: edit }
runs:
  main: { budget: 1000 }
checks:
  - id: first
    title: It ends
    run: main
    expect: exit.reason == "exit"
    hints:
      - { id: slow, when: steps > 10, say: Too slow. }
    hint: Make it end.
wrong:
  - { name: loops, check: first, hint: slow }
---

Prose.

::bench{#bench run=main open=a.S views="registers"}

::checks
`;

const course = { views: ['registers', 'traps'] };

const folderOf = (text: string, others: Record<string, string> = {}): LessonFolder =>
  new Map(Object.entries({ 'index.md': text, 'start/a.S': '', 'wrong/loops/a.S': '', ...others }));

const problemsOf = (folder: LessonFolder): string[] => {
  const parsed = parseLesson('01-a', folder, course);
  return parsed.ok ? [] : parsed.problems.map(formatProblem);
};

const mistake = (from: string, to: string): string => {
  expect(index).toContain(from);
  return index.replace(from, to);
};

describe('parseLesson', () => {
  it('reads a lesson', () => {
    const parsed = parseLesson('01-a', folderOf(index), course);
    expect(parsed.ok && parsed.lesson.cells.map(({ kind, line }) => [kind, line])).toEqual([
      ['prose', 23],
      ['bench', 25],
      ['checks', 27],
    ]);
    expect(parsed.ok && parsed.lesson.machine.ram).toBe(16 * 2 ** 20);
  });

  it('reads a machine that is more than RAM, and names what is wrong with one', () => {
    const ram = 'machine: { ram: 16 MiB }';
    const withDisk = folderOf(mistake(ram, 'machine: { ram: 1 MiB, harts: 2, disk: { file: a.S } }'));
    const parsed = parseLesson('01-a', withDisk, course);
    expect(parsed.ok && parsed.lesson.machine).toMatchObject({
      harts: 2,
      boot: 'bare',
      disk: { size: 0, file: 'a.S' },
    });
    const wrong = [
      'machine: { ram: 1 MiB, harts: 9 }',
      'machine: { ram: 1 MiB, costs: { trapp: 3 } }',
      'machine: { ram: 1 MiB, disk: { file: b.S } }',
    ].map((machine) => problemsOf(folderOf(mistake(ram, machine)))[0]);
    expect(wrong[0]).toMatch(/^01-a\/index\.md:6:\d+: `machine\.harts`: /);
    expect(wrong[1]).toMatch(/`machine\.costs` has no key `trapp`[\s\S]*trap/);
    expect(wrong[2]).toMatch(/no file `b\.S` for the disk/);
  });

  it('takes the guest library along where it is used', async () => {
    const text = mistake('machine:', 'uses: rt\nmachine:').replaceAll('a.S', 'a.c');
    const program = '#include <rt/printf.h>\nint main(void) { printf("%d", 42); return 0; }';
    const folder = new Map([
      ['index.md', text],
      ['start/a.c', program],
      ['wrong/loops/a.c', ''],
    ]);
    const parsed = parseLesson('01-a', folder, { ...course, library: readLibraryTexts() });
    if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join());
    const [run] = parsed.lesson.runs;
    if (run === undefined) throw new Error('no run');
    const made = await runExperiment(structuredClone(parsed.lesson), { ...run, budget: 100_000 }, {}, 0);
    expect(made.ok && [made.observed.console, made.observed.exit]).toEqual(['42', { reason: 'exit', code: 0 }]);
    const without = parseLesson('01-a', folderOf(index), { ...course, library: readLibraryTexts() });
    expect(without.ok && 'library' in without.lesson).toBe(false);
  });

  it('resolves links to definitions that stand elsewhere in the lesson', () => {
    const text = `${mistake('Prose.', 'See [the manual][isa].')}\n[isa]: https://riscv.org/\n`;
    const parsed = parseLesson('01-a', folderOf(text), course);
    const [prose] = parsed.ok ? parsed.lesson.cells : [];
    expect(prose?.kind === 'prose' && prose.html).toContain('<a href="https://riscv.org/">the manual</a>');
  });

  it('reads what is measured, each once, and leaves a place for it', () => {
    const body = [
      'It takes :value{run=main of="steps"} steps, truly :value{run=main of="steps"}.',
      ':::compare{#c runs="main"}\nBeside each other:\n\n- traps: `traps.size()`\n- steps: `steps`\n:::',
      ':::plot{#p run=main value="traps.map(t, t.position)" unit=steps}\nWhen.\n:::',
    ];
    const parsed = parseLesson('01-a', folderOf(mistake('Prose.', body.join('\n\n'))), course);
    if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'));
    const { cells, measures } = parsed.lesson;
    expect(measures.map(measureKey)).toEqual(['main: steps', 'main: traps.size()', 'main: traps.map(t, t.position)']);
    const [prose, compare] = cells;
    expect(prose?.kind === 'prose' && prose.html).toContain('<output data-measure="main: steps"');
    expect(compare?.kind === 'compare' && compare.rows).toEqual([
      { html: '<p>traps</p>', value: 'traps.size()' },
      { html: '<p>steps</p>', value: 'steps' },
    ]);
  });

  it('reads benches that go on from each other', () => {
    const chain = '::bench{#bench run=main open=a.S until=booted}\n\nMore.\n\n::bench{#next after=bench open=a.S}';
    const parsed = parseLesson(
      '01-a',
      folderOf(mistake('::bench{#bench run=main open=a.S views="registers"}', chain)),
      course,
    );
    if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'));
    expect(chainOf(parsed.lesson, 'next').map(({ id, run, until }) => [id, run, until])).toEqual([
      ['bench', 'main', 'booted'],
      ['next', 'main', undefined],
    ]);
  });

  it('does not swallow a word behind a colon', () => {
    const [problem] = problemsOf(folderOf(mistake('Prose.', 'The mode:S of it.')));
    expect(problem).toMatch(/^01-a\/index\.md:23:\d+: There is no directive `:S` in running text\./);
  });

  it('refuses aliases that multiply without end', () => {
    const names = Array.from(
      { length: 9 },
      (_, n) => `a${n}: &a${n} [${Array(10).fill(n === 0 ? 'x' : `*a${n - 1}`)}]`,
    );
    const [problem] = problemsOf(folderOf(`---\n${names.join('\n')}\n---\n`));
    expect(problem).toMatch(/^01-a\/index\.md:2:1: The front matter cannot be read: /);
  });

  const rows: readonly (readonly [string, string, string, RegExp, RegExp])[] = [
    [
      'an unknown key',
      'minutes: 30',
      'minuts: 30',
      /^01-a\/index\.md:5:9: .*no key `minuts`/m,
      /Did you mean `minutes`\?/,
    ],
    ['a missing key', 'title: A lesson\n', '', /`title` is missing/, /Add `title:`/],
    ['a size without a unit', '16 MiB', '16', /`machine\.ram`: /, /lesson-format/],
    ['broken YAML', 'title: A lesson', 'title: "A', /not YAML/, /Quote values/],
    [
      'a check of an unknown run',
      'run: main\n    expect',
      'run: man\n    expect',
      /14:10: There is no run `man`/,
      /Did you mean `main`\?/,
    ],
    [
      'an expression that is not CEL',
      'exit.reason == "exit"',
      'exit.reason ==',
      /15:25: .*not CEL/,
      /Write a CEL expression/,
    ],
    ['an unknown variable', 'exit.reason', 'exti.reason', /15:13: .*unknown variable `exti`/, /Did you mean `exit`\?/],
    ['an unknown function', 'steps > 10', 'wrod("x") > 10u', /unknown function `wrod`/, /Did you mean `word`\?/],
    ['an unknown directive', '::checks', '::cheks', /27:1: There is no directive `cheks`/, /Did you mean `checks`\?/],
    ['an unknown view', '"registers"', '"register"', /no view `register`/, /Did you mean `registers`\?/],
    ['a missing attribute', ' open=a.S', '', /`bench` needs `open`/, /open=…/],
    ['an unknown attribute', 'open=a.S', 'open=a.S opne=b', /no attribute `opne`/, /Did you mean `open`\?/],
    ['a value of an unknown run', 'Prose.', 'It takes :value{run=man of="steps"}.', /no run `man`/, /`main`/],
    ['a value that is not CEL', 'Prose.', 'It takes :value{run=main of="steps +"}.', /not CEL/, /Write a CEL/],
    [
      'a comparison with an unknown run',
      '::checks',
      ':::compare{#c runs="main other"}\n- a: `steps`\n:::',
      /no run `other`/,
      /main/,
    ],
    [
      'a row without an expression',
      '::checks',
      ':::compare{#c runs=main}\n- a\n:::',
      /item without an expression/,
      /list items/,
    ],
    [
      'a plot that begins nowhere',
      '::checks',
      ':::plot{#p run=main value="[steps]" unit=steps x=pages from=eight}\nA.\n:::',
      /`from=eight` is not a whole number/,
      /from=8/,
    ],
    ['a bench with neither run nor after', ' run=main', '', /either `run` or `after`/, /run=…/],
    ['a bench after none', '::checks', '::bench{#next after=other open=a.S}', /no bench `other` above/, /./],
    [
      'a bench after one without an end',
      '::checks',
      '::bench{#next after=bench open=a.S}',
      /has no `until`/,
      /until=LABEL/,
    ],
    ['a hint that is not there', 'hint: slow }', 'hint: slwo }', /no hint `slwo`/, /Did you mean `slow`\?/],
    ['a wrong answer without a folder', 'name: loops', 'name: loop', /no folder wrong\/loop/, /Did you mean `loops`\?/],
    ['a file that is not there', 'name: a.S', 'name: b.S', /start\/b\.S does not exist/, /Write it/],
    ['no front matter', '---\ntitle', 'title', /does not begin with front matter/, /Begin with/],
  ];

  it.each(rows)('places %s and says what to write', (_, from, to, message, fix) => {
    const problems = problemsOf(folderOf(mistake(from, to))).join('\n');
    expect(problems).toMatch(message);
    expect(problems).toMatch(fix);
  });

  it('finds wrong answers that nobody lists, and files that belong to none', () => {
    const extra = { 'wrong/other/a.S': '', 'solution/c.S': '' };
    const problems = problemsOf(folderOf(index, extra));
    expect(problems).toHaveLength(2);
    expect(problems.join('\n')).toMatch(/wrong\/other is not listed/);
    expect(problems.join('\n')).toMatch(/solution\/c\.S is not among/);
  });
});
