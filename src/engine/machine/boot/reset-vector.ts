/** What stands in the board's ROM: the first instructions after reset, as QEMU's `riscv_setup_rom_reset_vec` has them. */

import { csrByName } from '../../isa/csrs.ts';
import { encode, instructionByName, type Operands } from '../../isa/instructions.ts';
import { memoryMap } from '../memory-map.ts';

export interface ResetVector {
  /** Where the firmware is entered, with a0 = hart, a1 = `deviceTree`, a2 = the `fw_dynamic_info`. */
  readonly entry: number;
  readonly deviceTree: number;
  /** Where the firmware goes on, in S-mode; 0 if it has nowhere to go. */
  readonly next: number;
}

const t0 = 5;
const a0 = 10;
const a1 = 11;
const a2 = 12;
const entryAt = 24;
const deviceTreeAt = 32;
const dynamicInfoAt = 40;

/** OpenSBI, `docs/firmware/fw_dynamic.md`: 'OSBI', version 2; modes by their encoding. */
const info = { magic: 0x4942_534f, version: 2, supervisor: 1, options: 0, bootHart: 0 } as const;

function insn(name: string, operands: Operands): number {
  const row = instructionByName(name);
  if (row === undefined) throw new Error(`no instruction '${name}'`);
  return encode(row, operands);
}

const code = (): readonly number[] => [
  insn('auipc', { rd: t0, imm: 0 }),
  insn('addi', { rd: a2, rs1: t0, imm: dynamicInfoAt }),
  insn('csrrs', { rd: a0, csr: csrByName('mhartid')?.number ?? 0, rs1: 0 }),
  insn('ld', { rd: a1, rs1: t0, imm: deviceTreeAt }),
  insn('ld', { rd: t0, rs1: t0, imm: entryAt }),
  insn('jalr', { rd: 0, rs1: t0, imm: 0 }),
];

export const resetAddress = memoryMap.rom.base;

export function resetVector({ entry, deviceTree, next }: ResetVector): Uint8Array {
  const words = code();
  const doubles = [entry, deviceTree, info.magic, info.version, next, info.supervisor, info.options, info.bootHart];
  const bytes = new Uint8Array(entryAt + 8 * doubles.length);
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => {
    view.setUint32(4 * index, word, true);
  });
  doubles.forEach((value, index) => {
    view.setBigUint64(entryAt + 8 * index, BigInt(value), true);
  });
  return bytes;
}
