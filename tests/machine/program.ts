/** Small guest programs for tests: rows encoded by name, without an assembler in between. */
import { findSymbol, type Image } from '../../src/engine/image.ts';
import { csrByName } from '../../src/engine/isa/csrs.ts';
import { encode, instructionByName, lengthOf, type Operands } from '../../src/engine/isa/instructions.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import type { BoardConfig, Machine } from '../../src/engine/machine/types.ts';
import { build } from '../../src/engine/toolchain/build.ts';

export const ramBase = 0x8000_0000;

export function insn(name: string, operands: Operands = {}): number {
  const row = instructionByName(name);
  if (row === undefined) throw new Error(`no instruction '${name}'`);
  return encode(row, operands);
}

export const csrNumber = (name: string): number => csrByName(name)?.number ?? -1;

/** `lui`/`addi` with what follows from the sign of the low part; the value must fit 31 bits or be below 2³². */
export function li(rd: number, value: number): number[] {
  const low = ((value & 0xfff) ^ 0x800) - 0x800;
  const upper = (value - low) | 0;
  const load = [insn('lui', { rd, imm: upper }), insn('addiw', { rd, rs1: rd, imm: low })];
  return value > 0x7fff_ffff
    ? [...load, insn('slli', { rd, rs1: rd, shamt: 32 }), insn('srli', { rd, rs1: rd, shamt: 32 })]
    : load;
}

export const csrw = (name: string, rs1: number): number => insn('csrrw', { csr: csrNumber(name), rs1, rd: 0 });
export const csrr = (rd: number, name: string): number => insn('csrrs', { csr: csrNumber(name), rs1: 0, rd });

export function imageOf(words: readonly number[], address = ramBase): Image {
  const bytes = new Uint8Array(Uint32Array.from(words).buffer);
  const segment = {
    physical: address,
    virtual: BigInt(address),
    bytes,
    size: bytes.length,
    writable: true,
    executable: true,
  };
  return { entry: BigInt(address), segments: [segment], symbols: [], lines: [] };
}

/** Instructions of both lengths one behind the other, as words; a last half is filled up with zeros. */
export function packed(instructions: readonly number[]): number[] {
  const parcels = instructions.flatMap((word) => (lengthOf(word) === 2 ? [word] : [word, word >>> 16]));
  if (parcels.length % 2 === 1) parcels.push(0);
  return [...new Uint32Array(Uint16Array.from(parcels).buffer)];
}

export async function machineWith(words: readonly number[], config: Partial<BoardConfig> = {}): Promise<Machine> {
  const machine = await createMachine({ ...defaultBoard, ram: 2 ** 20, ...config });
  machine.load(imageOf(words));
  return machine;
}

/** The same for assembly text, which begins at `_start`. */
export async function machineRunning(text: string, config: Partial<BoardConfig> = {}): Promise<Machine> {
  const machine = await createMachine({ ...defaultBoard, ram: 2 ** 20, ...config });
  machine.load(assembled(text));
  return machine;
}

export function assembled(text: string): Image {
  const built = build([{ name: 'program.S', text: `.globl _start\n_start:\n${text}` }]);
  if (!built.ok) throw new Error(built.diagnostics.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return built.image;
}

/** A double-word of RAM by the name of its symbol. */
export function wordAt(machine: Machine, image: Image, symbol: string, index = 0): bigint {
  const address = findSymbol(image, symbol)?.address ?? 0n;
  const bytes = machine.readMemory(Number(address) + 8 * index, 8);
  return bytes === undefined ? -1n : new DataView(bytes.buffer).getBigUint64(0, true);
}

export const register = (machine: Machine, number: number): bigint => machine.state().harts[0]?.registers[number] ?? 0n;
export const csr = (machine: Machine, name: string): bigint => machine.state().harts[0]?.csrs[name] ?? 0n;

/** Writes the test finisher: the run stops with exit code 0. Uses t5 and t6. */
export const finish = [...li(30, 0x10_0000), ...li(31, 0x5555), insn('sw', { rs1: 30, rs2: 31, imm: 0 })];
