/** Floating point. */
import type { Op, Value } from '../ir/ir.ts';
import { zero } from './registers.ts';
import {
  argument,
  freshRegister,
  loadNumber,
  lowRegister,
  ownRegister,
  put,
  registerOf,
  type Selector,
} from './selector.ts';

const binary: Partial<Record<Op, string>> = {
  fadd: 'fadd',
  fsub: 'fsub',
  fmul: 'fmul',
  fdiv: 'fdiv',
  feq: 'feq',
  flt: 'flt',
  fle: 'fle',
};
const unary: Partial<Record<Op, string>> = { fneg: 'fneg', fabs: 'fabs', fsqrt: 'fsqrt' };

const letter = ({ type }: Value): 's' | 'd' => (type === 's' ? 's' : 'd');
const isFloat = ({ type }: Value): boolean => type === 's' || type === 'd';

/** 0 comes from a register, a small whole number from an immediate, all else from memory. */
function selectConstant(selector: Selector, value: Value): void {
  const number = value.number ?? 0;
  const rd = ownRegister(selector, value);
  const format = letter(value);
  if (Object.is(number, 0)) {
    put(selector, 'unary', format === 's' ? 'fmv.w.x' : 'fmv.d.x', [rd], [zero]);
    return;
  }
  if (Number.isInteger(number) && !Object.is(number, -0) && Math.abs(number) < 2048) {
    const whole = freshRegister(selector);
    loadNumber(selector, whole, BigInt(number));
    put(selector, 'unary', `fcvt.${format}.w`, [rd], [whole]);
    return;
  }
  const symbol = selector.pool.floatLabel(number, format === 's' ? 4 : 8);
  put(selector, 'load', format === 's' ? 'flw' : 'fld', [rd, freshRegister(selector)], [], { symbol });
}

/** `resize`: `float` ↔ `double`, or the bits of one as an integer. */
function selectResize(selector: Selector, value: Value): void {
  const from = argument(value, 0);
  const rd = ownRegister(selector, value);
  if (value.name !== 'bits') {
    put(selector, 'unary', value.type === 's' ? 'fcvt.s.d' : 'fcvt.d.s', [rd], [registerOf(selector, from)]);
    return;
  }
  const width = (isFloat(value) ? value : from).type === 's' ? 'w' : 'd';
  const op = isFloat(value) ? `fmv.${width}.x` : `fmv.x.${width}`;
  put(selector, 'unary', op, [rd], [registerOf(selector, from)]);
}

const integerLetter = (type: Value['type'], unsigned: boolean | undefined): string =>
  `${type === 'w' ? 'w' : 'l'}${unsigned === true ? 'u' : ''}`;

const floatRules: Partial<Record<Op, (selector: Selector, value: Value) => void>> = {
  float: selectConstant,
  resize: selectResize,
  toFloat(selector, value) {
    const from = argument(value, 0);
    const op = `fcvt.${letter(value)}.${integerLetter(from.type, value.unsigned)}`;
    const rs = from.type === 'w' ? lowRegister(selector, from) : registerOf(selector, from);
    put(selector, 'unary', op, [ownRegister(selector, value)], [rs]);
  },
  toInteger(selector, value) {
    const from = argument(value, 0);
    const op = `fcvt.${integerLetter(value.type, value.unsigned)}.${letter(from)}`;
    put(selector, 'unary', `${op} rtz`, [ownRegister(selector, value)], [registerOf(selector, from)]);
  },
};

export function selectFloat(selector: Selector, value: Value): boolean {
  const rule = floatRules[value.op];
  if (rule !== undefined) {
    rule(selector, value);
    return true;
  }
  const two = binary[value.op];
  const one = unary[value.op];
  const name = two ?? one;
  if (name === undefined) return false;
  const operands = value.args.slice(0, two === undefined ? 1 : 2).map((each) => registerOf(selector, each));
  const format = letter(argument(value, 0));
  put(
    selector,
    two === undefined ? 'unary' : 'register',
    `${name}.${format}`,
    [ownRegister(selector, value)],
    operands,
  );
  return true;
}
