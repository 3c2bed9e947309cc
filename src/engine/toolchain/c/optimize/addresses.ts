/** Constants of an address go into the offset of the access. */
import type { IrFunction, Value } from '../ir/ir.ts';

const fits = (offset: bigint): boolean => offset >= -2048n && offset < 2048n;

function fold(access: Value): void {
  for (let steps = 0; steps < 4; steps++) {
    const [address] = access.args;
    const [base, by] = address?.args ?? [];
    if (address?.op !== 'add' || base === undefined || by?.op !== 'const' || !fits(access.imm + by.imm)) return;
    // The pointer of the next round takes the place of this round's, which nothing should need any more.
    if (base.op === 'phi' && base.args.includes(address)) return;
    access.args[0] = base;
    access.imm += by.imm;
  }
}

export function foldAddresses(fn: IrFunction): void {
  for (const { values } of fn.blocks)
    for (const value of values) if (value.op === 'load' || value.op === 'store') fold(value);
}
