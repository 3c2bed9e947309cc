import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readLessonFolder } from '../../src/cli/files.ts';
import { main } from '../../src/cli/main.ts';

const slug = '03-privilege-and-traps';
const folder = readLessonFolder(slug);
const solution = folder.get('solution/handler.S') ?? '';
const starter = folder.get('start/handler.S') ?? '';

const place = mkdtempSync(join(tmpdir(), 'guesthouse-'));
afterAll(() => rmSync(place, { recursive: true }));

let count = 0;
function put(name: string, content: string | Uint8Array): string {
  const folderOf = join(place, `s${count++}`);
  mkdirSync(folderOf);
  writeFileSync(join(folderOf, name), content);
  return join(folderOf, name);
}

const submission = (changes: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    format: 'guesthouse-submission',
    version: 1,
    lesson: slug,
    lessonVersion: 1,
    student: 'Ada',
    files: { 'handler.S': solution },
    answers: { why: 3, interrupt: null },
    predictions: {},
    ...changes,
  });

async function guesthouse(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(args, { write: (text) => out.push(text), complain: (text) => err.push(text) });
  return { code, out: out.join(''), err: err.join('') };
}

describe('guesthouse grade', () => {
  it('judges a source file, and fails what is not answered', async () => {
    const { code, out } = await guesthouse('grade', '03', put('handler.S', solution));
    expect(code).toBe(1);
    expect(out).toContain('pass  System calls are served');
    expect(out).toContain('FAIL  You can read the trace, and say what it means');
    expect(out).toContain('6 of 7 checks passed.');
  });

  it('judges a folder', async () => {
    const { code, out } = await guesthouse('grade', 'privilege', join(put('handler.S', starter), '..'));
    expect(code).toBe(1);
    expect(out).toContain('0 of 7 checks passed.');
  });

  it('writes JSON', async () => {
    const { out } = await guesthouse('grade', slug, put('work.json', submission()), '--json');
    expect(JSON.parse(out)).toMatchObject({ lesson: slug, student: 'Ada', passed: false, errors: [] });
  });

  it('shows where a program does not build, and fails it', async () => {
    const broken = solution.replace('csrr    t0, sepc', 'csrr    t0, sepcc');
    const { code, out } = await guesthouse('grade', slug, put('handler.S', broken));
    expect(code).toBe(1);
    expect(out).toMatch(/handler\.S:\d+:\d+: .*sepcc/);
    expect(out).toContain('The program does not build.');
  });

  it('takes nothing from a submission but what a student may change', async () => {
    const files = { 'handler.S': solution, 'program.S': 'ecall' };
    const { out } = await guesthouse('grade', slug, put('work.json', submission({ files, answers: { cheat: 1 } })));
    expect(out).toContain('Ignored the file `program.S`');
    expect(out).toContain('Ignored the answer `cheat`');
    expect(out).toContain('pass  System calls are served');
  });

  it('grades an older version with a note', async () => {
    const { out } = await guesthouse('grade', slug, put('work.json', submission({ lessonVersion: 7 })));
    expect(out).toContain('made for version 7');
  });

  const impossible: readonly (readonly [string, () => string[], RegExp])[] = [
    ['an unknown lesson', () => ['privlege', put('handler.S', solution)], /no lesson `privlege`/],
    ['a missing submission', () => [slug, join(place, 'nowhere.json')], /There is no file/],
    ['no submission at all', () => [slug], /needs a lesson and a submission/],
    ['a folder with none of the files', () => [slug, join(put('other.S', ''), '..')], /holds none of the files/],
    ['bytes that are no text', () => [slug, put('work.json', Uint8Array.of(0, 1, 2, 255))], /not a text file/],
    [
      'a source by another name',
      () => [slug, put('trap.c', 'int x;')],
      /trap\.c` is not a file of this lesson to hand in: /,
    ],
    ['text that is not JSON', () => [slug, put('work.json', 'hello')], /not JSON/],
    ['JSON of something else', () => [slug, put('work.json', '{"a":1}')], /not a Guesthouse submission/],
    ['JSON null', () => [slug, put('work.json', 'null')], /not a Guesthouse submission/],
    ['another format version', () => [slug, put('work.json', submission({ version: 9 }))], /format version 9/],
    ['another lesson', () => [slug, put('work.json', submission({ lesson: 'x' }))], /for the lesson `x`/],
    [
      'files of a wrong shape',
      () => [slug, put('work.json', submission({ files: { 'handler.S': 5 } }))],
      /damaged: `files/,
    ],
    ['a file that is too large', () => [slug, put('handler.S', 'x'.repeat(5_000_000))], /at most/],
    ['an unknown option', () => [slug, put('handler.S', solution), '--jsn'], /Did you mean `--json`/],
  ];

  it.each(impossible)('cannot grade %s, and says so without a stack trace', async (_, args, message) => {
    const { code, err, out } = await guesthouse('grade', ...args());
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n {4}at /);
    expect(out).toBe('');
  });

  it('refuses a link that leads out of the folder', async () => {
    const target = put('secret', 'text');
    const link = join(put('note', ''), '..', 'handler.S');
    symlinkSync(target, link);
    const { code, err } = await guesthouse('grade', slug, join(link, '..'));
    expect(code).toBe(2);
    expect(err).toContain('leads out of the submission');
  });
});

describe('guesthouse', () => {
  it('explains itself', async () => {
    expect((await guesthouse('help')).out).toContain('guesthouse grade');
    expect((await guesthouse('--help')).code).toBe(0);
  });

  it('knows no other command', async () => {
    const { code, err } = await guesthouse('grad');
    expect(code).toBe(2);
    expect(err).toContain('Did you mean `grade`?');
  });
});
