/**
 * Runs the official riscv-tests, built elsewhere, each on a machine of its own: `node scripts/riscv-tests.ts --help`.
 *
 * A test ends by storing to `tohost`: 1 is a pass, 2n + 1 says that case n failed (riscv-test-env, `p/riscv_test.h`).
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findSymbol } from '../src/engine/image.ts';
import { createMachine, defaultBoard } from '../src/engine/machine/machine.ts';
import type { Machine } from '../src/engine/machine/types.ts';
import { readElf } from '../src/engine/toolchain/elf.ts';

const usage = `node scripts/riscv-tests.ts FOLDER [PATTERN]
    FOLDER   built riscv-tests: ELF files named like rv64ui-p-add, with a symbol \`tohost\`
    PATTERN  regular expression: only tests whose names match are run
    Exit code: 0 all passed, 1 some failed, 2 they could not be run.
`;

const slice = 20_000;
const mostSteps = 20_000_000;

/** Suite and environment: `rv64ui-p` of `rv64ui-p-add`. The project's own environments are p, pm, pt and v. */
const suiteOf = (name: string): string => /^.+?-(?:p|pm|pt|v)(?=-)/.exec(name)?.[0] ?? name;

/** Undefined for a pass; else what is wrong. */
async function failureOf(file: string): Promise<string | undefined> {
  const read = readElf(readFileSync(file));
  if (!read.ok) return read.message;
  const tohost = findSymbol(read.image, 'tohost');
  if (tohost === undefined) return 'there is no symbol `tohost`';
  const machine = await createMachine(defaultBoard);
  machine.load(read.image);
  const code = codeOf(machine, Number(tohost.address));
  if (typeof code === 'string') return code;
  return code === 1n ? undefined : `case ${code >> 1n}`;
}

/** Runs until something is stored to `tohost`, or says why nothing will be. */
function codeOf(machine: Machine, tohost: number): bigint | string {
  while (machine.position < mostSteps) {
    const { kind } = machine.run(slice);
    const bytes = machine.readMemory(tohost, 8);
    if (bytes === undefined) return `\`tohost\` is at 0x${tohost.toString(16)}, where there is no RAM`;
    const code = new DataView(bytes.buffer).getBigUint64(0, true);
    if (code !== 0n) return code;
    if (kind !== 'limit') return `the machine stopped (${kind})`;
  }
  return `no end within ${mostSteps} steps`;
}

function cannotRun(message: string): never {
  process.stderr.write(`${message}\n\n${usage}`);
  process.exit(2);
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    return cannotRun(`\`${text}\` is not a regular expression.`);
  }
}

function testsIn(folder: string, pattern: RegExp): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) cannotRun(`There is no folder \`${folder}\`.`);
  // A listing lies beside each test that the project's own makefile built; names of tests have no dot.
  const tests = readdirSync(folder).filter((name) => !name.includes('.') && pattern.test(name));
  if (tests.length === 0) cannotRun(`\`${folder}\` holds no test that matches ${pattern}.`);
  return tests.sort();
}

async function runAll(folder: string, pattern: RegExp): Promise<boolean> {
  const suites = new Map<string, { readonly count: number; readonly passed: number }>();
  const failures: string[] = [];
  for (const name of testsIn(folder, pattern)) {
    const failure = await failureOf(join(folder, name));
    if (failure !== undefined) failures.push(`FAIL ${name}: ${failure}`);
    const { count, passed } = suites.get(suiteOf(name)) ?? { count: 0, passed: 0 };
    suites.set(suiteOf(name), { count: count + 1, passed: passed + (failure === undefined ? 1 : 0) });
  }
  for (const [suite, { count, passed }] of suites) console.log(`${suite.padEnd(20)} ${passed} of ${count}`);
  for (const failure of failures) console.log(failure);
  return failures.length === 0;
}

const [folder, pattern = '.', ...rest] = process.argv.slice(2);
if (folder === '--help' || folder === '-h') process.stdout.write(usage);
else if (folder === undefined || rest.length > 0) cannotRun('Name the folder that holds the tests.');
else process.exitCode = (await runAll(folder, patternOf(pattern))) ? 0 : 1;
