/** The procedure linkage table, word for word as RISC-V psABI 1.0, "Procedure Linkage Table", has it. */

import { insertField } from '../../../isa/encoding.ts';
import { instructionByName } from '../../../isa/instructions.ts';
import { highPart, lowPart } from '../../apply-relocation.ts';

export const pltHeaderSize = 32;
export const pltEntrySize = 16;
/** The resolver's address, and the loader's own word. */
export const gotPltHeaderSize = 16;

const [t0, t1, t2, t3] = [5, 6, 7, 28];

function encode(mnemonic: string, values: Readonly<Record<string, number>>): number {
  const row = instructionByName(mnemonic);
  if (row === undefined) throw new Error(`no row '${mnemonic}'`);
  let word = row.encoding.match;
  for (const field of row.encoding.fields) word = insertField(word, field, values[field.name] ?? 0);
  return word >>> 0;
}

/** Both addresses of one `auipc` and the instruction behind it that adds the low part. */
const parts = (target: bigint, pc: bigint): { readonly high: number; readonly low: number } => {
  const distance = BigInt.asIntN(64, target - pc);
  return { high: Number(highPart(distance)), low: Number(lowPart(distance)) };
};

/** Enters the loader's resolver: `t1` becomes the entry's offset in `.got.plt`, `t0` the loader's word for this object. */
export function pltHeader(address: bigint, gotPlt: bigint): number[] {
  const { high, low } = parts(gotPlt, address);
  const shift = pltHeaderSize + 12;
  return [
    encode('auipc', { rd: t2, imm: high }),
    encode('sub', { rd: t1, rs1: t1, rs2: t3 }),
    encode('ld', { rd: t3, rs1: t2, imm: low }),
    encode('addi', { rd: t1, rs1: t1, imm: -shift }),
    encode('addi', { rd: t0, rs1: t2, imm: low }),
    encode('srli', { rd: t1, rs1: t1, shamt: 1 }),
    encode('ld', { rd: t0, rs1: t0, imm: 8 }),
    encode('jalr', { rs1: t3 }),
  ];
}

/** Jumps to where its entry in `.got.plt` says; `t1` tells the header who came. */
export function pltEntry(address: bigint, slot: bigint): number[] {
  const { high, low } = parts(slot, address);
  return [
    encode('auipc', { rd: t3, imm: high }),
    encode('ld', { rd: t3, rs1: t3, imm: low }),
    encode('jalr', { rd: t1, rs1: t3 }),
    encode('addi', {}),
  ];
}
