/** Who runs a program: our machine and QEMU the same ELF file, the host and a wasm engine the same C. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from '../../src/engine/image.ts';
import { writeElf } from '../../src/engine/toolchain/elf.ts';
import { Child } from './child.ts';
import { type CompilerName, compile, missingTool } from './compilers.ts';
import { assembleGuest, compileGuest, missingGuestCompiler, withAmount } from './guests.ts';
import type { ProgramLine } from './lines.ts';
import type { MachineAnswer, MachineQuestion } from './machine-process.ts';
import type { Run, Runner } from './measure.ts';
import { guestRam, qemuBoard, qemuTool } from './qemu.ts';
import { hasTool, runTool } from './tools.ts';
import type { WasmQuestion } from './wasm-process.ts';

export type SideName = 'ours' | 'qemu' | 'native' | 'wasm';

export interface Sides {
  readonly runners: ReadonlyMap<SideName, Runner>;
  close(): void;
}

const isC = ({ program }: ProgramLine): boolean => program.endsWith('.c');

export const canBuild = (line: ProgramLine): boolean => !isC(line) || missingGuestCompiler() === undefined;

/** `folder`: for files that nobody needs afterwards. Throws an `Error` if the program does not build. */
export function sidesOf(line: ProgramLine, folder: string, withQemu: boolean): Sides {
  const elf = elfMaker(line, folder);
  const machine = new Child<MachineQuestion, MachineAnswer>('./machine-process.ts');
  const runners = new Map<SideName, Runner>([['ours', (amount) => machine.ask({ elf: elf(amount), ram: guestRam })]]);
  const children: { close(): void }[] = [machine];
  if (withQemu && hasTool(qemuTool)) runners.set('qemu', async (amount) => runOnQemu(elf(amount)));
  if (isC(line) && missingTool('native') === undefined) runners.set('native', nativeRunner(line, folder));
  if (isC(line) && missingTool('wasm') === undefined) {
    // Without the quick compiler: a function that runs at all runs for long.
    const child = new Child<WasmQuestion, Run>('./wasm-process.ts', ['--no-liftoff']);
    const module = compiled('wasm', line, folder);
    runners.set('wasm', (amount) => child.ask({ module, amount }));
    children.push(child);
  }
  return {
    runners,
    close() {
      for (const child of children) child.close();
    },
  };
}

/** Writes the file for an amount of work, and says where it is. */
function elfMaker(line: ProgramLine, folder: string): (amount: number) => string {
  const image = imageOf(line, folder);
  const written = new Map<number, string>();
  return (amount) => {
    const path = written.get(amount) ?? join(folder, `amount-${amount}.elf`);
    if (!written.has(amount)) writeFileSync(path, writeElf(withAmount(image, amount)));
    written.set(amount, path);
    return path;
  };
}

function imageOf(line: ProgramLine, folder: string): Image {
  const { program, defines = {} } = line;
  return isC(line) ? compileGuest(program, defines, join(folder, 'guest.elf')) : assembleGuest(program, defines);
}

function compiled(name: CompilerName, { program, defines }: ProgramLine, folder: string): string {
  const path = join(folder, name);
  compile(name, program, path, defines);
  return path;
}

const runOnQemu = (elf: string): Run => runTool(qemuTool, [...qemuBoard, '-bios', 'none', '-kernel', elf]);

function nativeRunner(line: ProgramLine, folder: string): Runner {
  const path = compiled('native', line, folder);
  return async (amount) => runTool(path, [String(amount)]);
}
