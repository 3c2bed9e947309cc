/** Loads, stores and atomic operations. */
import type { Access, Value, ValueType } from '../ir/ir.ts';
import {
  argument,
  fitsImmediate,
  freshRegister,
  loadNumber,
  lowRegister,
  type Operand,
  ownRegister,
  put,
  registerOf,
  type Selector,
} from './selector.ts';

const integerLoads = { 1: ['lb', 'lbu'], 2: ['lh', 'lhu'], 4: ['lw', 'lwu'], 8: ['ld', 'ld'] } as const;
const integerStores = { 1: 'sb', 2: 'sh', 4: 'sw', 8: 'sd' } as const;

export function loadName(type: ValueType, { size, signed }: Access): string {
  if (type === 's') return 'flw';
  return type === 'd' ? 'fld' : integerLoads[size][signed ? 0 : 1];
}

export function storeName(type: ValueType, size: Access['size']): string {
  if (type === 's') return 'fsw';
  return type === 'd' ? 'fsd' : integerStores[size];
}

interface Address {
  readonly base: readonly number[];
  readonly operand: Operand;
}

/** A symbol that only this access names, and no loop around it would name again. */
export const isFoldedSymbol = (selector: Selector, value: Value, reader: Value): boolean =>
  value.op === 'symbol' &&
  selector.uses.get(value) === 1 &&
  value.block.depth >= reader.block.depth &&
  !selector.pool.isExternal(value.symbol ?? '');

/** `offset(register)`, a place in the frame, or a symbol. */
function addressOf(selector: Selector, reader: Value): Address {
  const base = argument(reader, 0);
  const offset = reader.imm;
  if (base.op === 'slot' && base.slot !== undefined)
    return { base: [], operand: { slot: base.slot, imm: base.imm + offset } };
  if (isFoldedSymbol(selector, base, reader))
    return { base: [], operand: { symbol: base.symbol ?? '', imm: base.imm + offset } };
  const register = registerOf(selector, base);
  if (fitsImmediate(offset)) return { base: [register], operand: { imm: offset } };
  const far = freshRegister(selector);
  const sum = freshRegister(selector);
  loadNumber(selector, far, offset);
  put(selector, 'register', 'add', [sum], [register, far]);
  return { base: [sum], operand: {} };
}

export function selectLoad(selector: Selector, value: Value): void {
  const { access } = value;
  if (access === undefined) return;
  const { base, operand } = addressOf(selector, value);
  const rd = ownRegister(selector, value);
  const float = value.type === 's' || value.type === 'd';
  // A floating load from a symbol needs an integer register for the address.
  const through = float && operand.symbol !== undefined ? [freshRegister(selector)] : [];
  put(selector, 'load', loadName(value.type, access), [rd, ...through], base, operand);
}

export function selectStore(selector: Selector, value: Value): void {
  const { access } = value;
  const stored = argument(value, 1);
  if (access === undefined) return;
  const { base, operand } = addressOf(selector, value);
  const float = stored.type === 's' || stored.type === 'd';
  const register = float || access.size === 8 ? registerOf(selector, stored) : lowRegister(selector, stored);
  const through = operand.symbol === undefined ? [] : [freshRegister(selector)];
  put(selector, 'store', storeName(stored.type, access.size), through, [register, ...base], {
    ...operand,
    early: through,
  });
}

export function selectAmo(selector: Selector, value: Value): void {
  const width = value.type === 'w' ? 'w' : 'd';
  const uses = [registerOf(selector, argument(value, 0)), registerOf(selector, argument(value, 1))];
  put(selector, 'amo', `${value.name ?? 'amoswap'}.${width}.aqrl`, [ownRegister(selector, value)], uses);
}
