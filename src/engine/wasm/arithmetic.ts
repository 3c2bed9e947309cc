/** The operations of the expression vocabulary that wasm has no instruction for, as wasm functions. */
import { Code, op } from './code.ts';
import type { DefinedFunction, Signature } from './module.ts';

const binary: Signature = { parameters: ['i64', 'i64'], results: ['i64'] };
const unary: Signature = { parameters: ['i64'], results: ['i64'] };
const [a, b] = [0, 1];

/** The order of the functions: those behind the imports in the module's index space. */
export const helperNames = ['mulhu', 'mulh', 'mulhsu', 'div', 'divu', 'rem', 'remu', 'orcb', 'rev8'] as const;
export type HelperName = (typeof helperNames)[number];

/**
 * The high half of the 128-bit product, from four 32-bit products:
 * a·b = ah·bh·2⁶⁴ + (ah·bl + al·bh)·2³² + al·bl. The middle sum is carried in two steps so that neither overflows.
 */
function mulhu(): Code {
  const code = new Code(2);
  const middle = code.local('i64');
  const half = (operand: number, part: 'low' | 'high'): void => {
    code.get(operand);
    if (part === 'low') {
      code.i64(0xffff_ffffn);
      code.op(op.i64And);
    } else {
      code.i64(32n);
      code.op(op.i64ShrU);
    }
  };
  const product = (partA: 'low' | 'high', partB: 'low' | 'high'): void => {
    half(a, partA);
    half(b, partB);
    code.op(op.i64Mul);
  };
  const carry = code.local('i64');
  product('high', 'low');
  product('low', 'low');
  code.i64(32n);
  code.op(op.i64ShrU, op.i64Add);
  code.tee(middle);
  code.i64(0xffff_ffffn);
  code.op(op.i64And);
  product('low', 'high');
  code.op(op.i64Add);
  code.i64(32n);
  code.op(op.i64ShrU);
  code.set(carry);
  product('high', 'high');
  code.get(middle);
  code.i64(32n);
  code.op(op.i64ShrU, op.i64Add);
  code.get(carry);
  code.op(op.i64Add);
  return code;
}

/** A signed operand is its unsigned reading less 2⁶⁴ if negative: subtract the other operand from the high half. */
function signedHigh(mulhuIndex: number, signedOperands: readonly (readonly [number, number])[]): Code {
  const code = new Code(2);
  code.get(a);
  code.get(b);
  code.call(mulhuIndex);
  for (const [signed, other] of signedOperands) {
    code.get(signed);
    code.i64(63n);
    code.op(op.i64ShrS);
    code.get(other);
    code.op(op.i64And, op.i64Sub);
  }
  return code;
}

/** Division by zero and signed overflow have results of their own; wasm would trap. */
function division(opcode: number, byZero: (code: Code) => void, overflow?: (code: Code) => void): Code {
  const code = new Code(2);
  const divide = (): void => {
    code.get(a);
    code.get(b);
    code.op(opcode);
  };
  code.get(b);
  code.op(op.i64Eqz);
  code.if(
    () => byZero(code),
    () => {
      if (overflow === undefined) {
        divide();
        return;
      }
      code.get(b);
      code.i64(-1n);
      code.op(op.i64Eq);
      code.if(() => overflow(code), divide, 'i64');
    },
    'i64',
  );
  return code;
}

/**
 * Every byte that is not zero becomes 0xff. Bit 7 of each byte of (x & 0x7f…) + 0x7f… | x says that it is not zero,
 * without a carry into the next; times 0xff, that one bit fills its byte.
 */
function orCombine(): Code {
  const code = new Code(1);
  const low7 = 0x7f7f_7f7f_7f7f_7f7fn;
  code.get(a);
  code.i64(low7);
  code.op(op.i64And);
  code.i64(low7);
  code.op(op.i64Add);
  code.get(a);
  code.op(op.i64Or);
  code.i64(~low7);
  code.op(op.i64And);
  code.i64(7n);
  code.op(op.i64ShrU);
  code.i64(0xffn);
  code.op(op.i64Mul);
  return code;
}

/** Swaps neighbouring bytes, then half-words, then words. */
function reverseBytes(): Code {
  const code = new Code(1);
  const swap = (shift: bigint, low: bigint): void => {
    code.get(a);
    code.i64(low);
    code.op(op.i64And);
    code.i64(shift);
    code.op(op.i64Shl);
    code.get(a);
    code.i64(shift);
    code.op(op.i64ShrU);
    code.i64(low);
    code.op(op.i64And, op.i64Or);
    code.set(a);
  };
  swap(8n, 0x00ff_00ff_00ff_00ffn);
  swap(16n, 0x0000_ffff_0000_ffffn);
  code.get(a);
  code.i64(32n);
  code.op(op.i64Rotl);
  return code;
}

/** `firstIndex` is the index that the first helper will have in the module. */
export function arithmeticHelpers(firstIndex: number): DefinedFunction[] {
  const dividend = (code: Code): void => code.get(a);
  const minusOne = (code: Code): void => code.i64(-1n);
  const negated = (code: Code): void => {
    code.i64(0n);
    code.get(a);
    code.op(op.i64Sub);
  };
  const codes: Record<HelperName, Code> = {
    mulhu: mulhu(),
    mulh: signedHigh(firstIndex, [
      [a, b],
      [b, a],
    ]),
    mulhsu: signedHigh(firstIndex, [[a, b]]),
    div: division(op.i64DivS, minusOne, negated),
    divu: division(op.i64DivU, minusOne),
    rem: division(op.i64RemS, dividend, (code) => code.i64(0n)),
    remu: division(op.i64RemU, dividend),
    orcb: orCombine(),
    rev8: reverseBytes(),
  };
  const ofOne: readonly HelperName[] = ['orcb', 'rev8'];
  return helperNames.map((name) => ({ signature: ofOne.includes(name) ? unary : binary, code: codes[name] }));
}
