/**
 * Makes the fixtures that hold the assembler against GNU as and ld: `npx tsx scripts/make-as-fixtures.ts`. It needs
 * riscv64-unknown-elf-{as,ld,nm,objcopy} (Debian: binutils-riscv64-unknown-elf). What it writes is committed.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { firstMarker, markerLabels } from '../src/engine/isa/markers.ts';
import { allStatements } from '../tests/isa/samples.ts';

const tests = fileURLToPath(new URL('../tests', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'as-fixtures-'));
const tool = (name: string, ...args: string[]): string =>
  execFileSync(`riscv64-unknown-elf-${name}`, args, { cwd: folder, encoding: 'utf8' });

interface Linked {
  readonly bytes: Buffer;
  /** Addresses by name, as hexadecimal numbers. */
  readonly symbols: Readonly<Record<string, string>>;
}

const plain = 'rv64imafdh_zicsr_zifencei_zihintpause_zba_zbb_zbs_zicbom_zicbop_zicboz_svinval';
/** With C, GNU as makes every instruction short that can be: it is for what is written with `c.` only. */
const withC = plain.replace('imafd', 'imafdc');

function assembleAndLink(files: readonly string[], architecture = plain): Linked {
  const objects = files.map((file, index) => {
    const object = `${index}.o`;
    tool('as', `-march=${architecture}`, '-mabi=lp64', '-mno-relax', file, '-o', object);
    return object;
  });
  return linkObjects(objects, join(tests, 'toolchain/fixtures/layout.ld'));
}

function linkObjects(objects: readonly string[], script: string, options: readonly string[] = []): Linked {
  tool('ld', '--no-relax', '--no-warn-rwx-segments', '-T', script, '-o', 'linked.elf', ...options, ...objects);
  tool('objcopy', '-O', 'binary', 'linked.elf', 'linked.bin');
  const symbols: Record<string, string> = {};
  for (const line of tool('nm', 'linked.elf').trim().split('\n')) {
    const [address = '', , name = ''] = line.split(' ');
    if (name !== '' && !/^(\$|\.L)/.test(name)) symbols[name] = BigInt(`0x${address}`).toString(16);
  }
  return { bytes: readFileSync(join(folder, 'linked.bin')), symbols };
}

/** What GNU as 2.40 does not know, by the format and the numbers that the manual gives, or `isa/quirk.ts` and `isa/markers.ts`. */
const unknown: readonly (readonly [RegExp, string])[] = [
  [/^czero\.eqz /, '.insn r 0x33, 5, 0x07, '],
  [/^czero\.nez /, '.insn r 0x33, 7, 0x07, '],
  [/^gh\.readstatus (.+)$/, '.insn i 0x0b, 0, $1, x0, 0'],
  ...markerLabels.map((label, index): readonly [RegExp, string] => [
    new RegExp(`^gh\\.mark${label} (.+)$`),
    `slti x0, $1, ${firstMarker + index}`,
  ]),
  [/^gh\.writestatus (.+)$/, '.insn i 0x0b, 1, x0, $1, 0'],
  [/^ntl\.p1$/, 'add x0, x0, x2'],
  [/^ntl\.pall$/, 'add x0, x0, x3'],
  [/^ntl\.s1$/, 'add x0, x0, x4'],
  [/^ntl\.all$/, 'add x0, x0, x5'],
  [/^c\.ntl\.p1$/, 'c.add x0, x2'],
  [/^c\.ntl\.pall$/, 'c.add x0, x3'],
  [/^c\.ntl\.s1$/, 'c.add x0, x4'],
  [/^c\.ntl\.all$/, 'c.add x0, x5'],
];

/** As it is to be assembled: 16-bit instructions are allowed where one is written. */
function forGnu(statement: string): string {
  const known = unknown.reduce((text, [pattern, other]) => text.replace(pattern, other), statement);
  return known.startsWith('c.') ? `.option rvc\n${known}\n.option norvc` : known;
}

/** Each statement stands behind a label of its own; its bytes reach to the next one. */
function statementFixtures(): Record<string, string> {
  const statements = [...new Set(allStatements)];
  const lines = statements.map((statement, index) => `at${index}:\n${forGnu(statement)}`);
  // Targets reach a megabyte back and forth.
  const text = [
    '.option norvc',
    '.globl _start',
    '_start:',
    '.zero 0x100000',
    ...lines,
    `at${statements.length}:`,
    '.zero 0x100000',
  ];
  writeFileSync(join(folder, 'statements.s'), `${text.join('\n')}\n`);
  const { bytes, symbols } = assembleAndLink(['statements.s'], withC);
  const offset = (index: number): number => Number(BigInt(`0x${symbols[`at${index}`]}`) - 0x8000_0000n);
  return Object.fromEntries(
    statements.map((statement, index) => [statement, bytes.subarray(offset(index), offset(index + 1)).toString('hex')]),
  );
}

/** Programs of one file `name.s`, or of several `name.1.s`, `name.2.s`. */
function programFixtures(): Record<string, { files: string[]; bytes: string; symbols: Record<string, string> }> {
  const sources = join(tests, 'toolchain/fixtures');
  const names = readdirSync(sources)
    .filter((name) => name.endsWith('.s'))
    .sort();
  const groups = Map.groupBy(names, (name) => name.split('.')[0] ?? name);
  const fixtures: Record<string, { files: string[]; bytes: string; symbols: Record<string, string> }> = {};
  for (const [name, files] of groups) {
    const architecture = name === 'compressed' ? withC : plain;
    const paths = files.map((file) => join(sources, file));
    const { bytes, symbols } = assembleAndLink(paths, architecture);
    fixtures[name] = { files, bytes: bytes.toString('hex'), symbols };
  }
  return fixtures;
}

interface LinkFixture {
  readonly files: readonly string[];
  /** As GNU as made them, in base 64: with and without room for a linker that relaxes. */
  readonly relaxing: readonly string[];
  readonly fixed: readonly string[];
  readonly bytes: string;
  readonly relaxingBytes: string;
  readonly symbols: Readonly<Record<string, string>>;
  readonly relaxingSymbols: Readonly<Record<string, string>>;
}

/** Scripts with sources of the same name. */
function linkFixtures(): Record<string, LinkFixture> {
  const sources = join(tests, 'toolchain/link/fixtures');
  const names = readdirSync(sources).sort();
  const fixtures: Record<string, LinkFixture> = {};
  for (const script of names.filter((name) => name.endsWith('.ld'))) {
    const base = script.replace('.ld', '');
    const files = names.filter((name) => name.endsWith('.s') && name.split('.')[0] === base);
    const options = base === 'garbage' ? ['--gc-sections'] : [];
    const made = (architecture: string, relax: string): { objects: string[]; linked: Linked } => {
      const paths = files.map((file) => file.replace('.s', '.o'));
      files.forEach((file, index) => {
        tool('as', `-march=${architecture}`, '-mabi=lp64d', relax, join(sources, file), '-o', paths[index] ?? '');
      });
      const linked = linkObjects(paths, join(sources, script), options);
      return { objects: paths.map((path) => readFileSync(join(folder, path)).toString('base64')), linked };
    };
    const fixed = made(plain, '-mno-relax');
    const relaxing = made(withC, '-mrelax');
    fixtures[base] = {
      files,
      fixed: fixed.objects,
      relaxing: relaxing.objects,
      bytes: fixed.linked.bytes.toString('hex'),
      relaxingBytes: relaxing.linked.bytes.toString('hex'),
      symbols: fixed.linked.symbols,
      relaxingSymbols: relaxing.linked.symbols,
    };
  }
  return fixtures;
}

const write = (path: string, value: unknown): void =>
  writeFileSync(join(tests, path), `${JSON.stringify(value, null, 1)}\n`);

write('isa/fixtures/statements.json', statementFixtures());
write('toolchain/fixtures/programs.json', programFixtures());
write('toolchain/link/fixtures/linked.json', linkFixtures());
rmSync(folder, { recursive: true });
