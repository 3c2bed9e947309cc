import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emitInterpreter } from '../../src/engine/machine/interpreter-module.ts';
import { Code, op, unsignedLeb, valueTypes } from '../../src/engine/wasm/code.ts';
import { bodyText, codeText } from '../../src/engine/wasm/text.ts';

const names = { locals: ['x5', 'pc'], functions: ['load'] };

const textOf = (write: (code: Code) => void): string[] => {
  const code = new Code(0);
  write(code);
  return codeText(code, names);
};

describe('wasm as text', () => {
  it.each<[string, (code: Code) => void, string]>([
    ['a local by name', (code) => code.get(0), 'local.get $x5'],
    ['a local without a name', (code) => code.set(200), 'local.set 200'],
    ['tee', (code) => code.tee(1), 'local.tee $pc'],
    ['a function by name', (code) => code.call(0), 'call $load'],
    ['a function without a name', (code) => code.call(300), 'call 300'],
    ['an indirect call', (code) => code.op(0x11, 3, 0), 'call_indirect (type 3)'],
    ['an indirect call by another table', (code) => code.op(0x11, 3, 1), 'call_indirect 1 (type 3)'],
    ['a tail call', (code) => code.op(0x12, 0), 'return_call $load'],
    ['an indirect tail call', (code) => code.op(0x13, 2, 0), 'return_call_indirect (type 2)'],
    ['a global', (code) => code.op(0x23, 1), 'global.get 1'],
    ['a global that is set', (code) => code.op(0x24, 1), 'global.set 1'],
    ['a load', (code) => code.memory(op.i64Load), 'i64.load'],
    ['a load with an offset', (code) => code.memory(op.i64Load8S, 1000), 'i64.load8_s offset=1000'],
    ['a store far away', (code) => code.memory(op.i64Store32, 2 ** 32 - 8), 'i64.store32 offset=4294967288'],
    ['i32 is signed', (code) => code.i32(0xffff_ffff), 'i32.const -1'],
    ['the smallest i32', (code) => code.i32(-(2 ** 31)), 'i32.const -2147483648'],
    ['i64 is signed', (code) => code.i64((1n << 64n) - 64n), 'i64.const -64'],
    ['the smallest i64', (code) => code.i64(1n << 63n), 'i64.const -9223372036854775808'],
    ['an i64 that ends in a byte of its own', (code) => code.i64(64n), 'i64.const 64'],
    ['f32', (code) => code.float('f32', 1.5), 'f32.const 1.5'],
    ['f64', (code) => code.float('f64', 0.1), 'f64.const 0.1'],
    ['minus zero', (code) => code.float('f64', -0), 'f64.const -0'],
    ['infinity', (code) => code.float('f32', Number.NEGATIVE_INFINITY), 'f32.const -inf'],
    ['the usual NaN', (code) => code.float('f64', Number.NaN), 'f64.const nan'],
    ['another NaN', (code) => code.op(0x43, 1, 0, 0x80, 0xff), 'f32.const -nan:0x1'],
    ['select', (code) => code.op(op.select), 'select'],
    ['select with a type', (code) => code.op(0x1c, 1, valueTypes.f32), 'select (result f32)'],
    ['drop', (code) => code.op(op.drop), 'drop'],
    ['return', (code) => code.op(op.return), 'return'],
    ['unreachable', (code) => code.op(op.unreachable), 'unreachable'],
    ['a conversion', (code) => code.op(op.i64TruncF64U), 'i64.trunc_f64_u'],
    ['an extension', (code) => code.op(op.i64Extend32S), 'i64.extend32_s'],
    ['a shift', (code) => code.op(op.i64ShrU), 'i64.shr_u'],
    ['a branch out of the function', (code) => code.op(0x0c, 0), 'br 0'],
  ])('%s', (_, write, line) => {
    expect(textOf(write)).toEqual([line]);
  });

  it('indents by nesting, and names blocks in the order of their opening', () => {
    const text = textOf((code) => {
      code.block((out) => {
        code.loop((again) => {
          code.get(0);
          code.brIf(out);
          code.br(again);
        });
        code.block((other) => code.brTable([out, other], out));
      });
      code.op(op.i32Eqz);
    });
    expect(text).toEqual([
      'block $1',
      '  loop $2',
      '    local.get $x5',
      '    br_if $1',
      '    br $2',
      '  end',
      '  block $3',
      '    br_table $1 $3 $1',
      '  end',
      'end',
      'i32.eqz',
    ]);
  });

  it('shows both arms of an if, and its type', () => {
    const text = textOf((code) => {
      code.if(
        () => code.i64(1n),
        () => code.i64(2n),
        'i64',
      );
      code.if(() => code.op(op.return));
    });
    expect(text).toEqual([
      'if $1 (result i64)',
      '  i64.const 1',
      'else',
      '  i64.const 2',
      'end',
      'if $2',
      '  return',
      'end',
    ]);
  });

  it('shows a block of a type by number', () => {
    expect(codeText({ bytes: [0x02, 7, 0x0b] })).toEqual(['block $1 (type 7)', 'end']);
  });

  it('shows the locals that a body declares, behind the parameters', () => {
    const body = [2, 1, valueTypes.i64, 2, valueTypes.f64, 0x20, 1, 0x0b];
    expect(bodyText(body, 1, names)).toEqual(['(local $pc i64)', '(local f64)', '(local f64)', 'local.get $pc']);
  });

  it.each<[string, readonly number[], string]>([
    ['an opcode that nobody here writes', [0xfe], ';; opcode 0xfe is not one that is written here'],
    ['code that is cut off', [0x42, 0x80], ';; the code ends in the midst of an instruction'],
    ['bytes behind the end', [0x0b, 0x01], ';; there are bytes behind the end of the code'],
    ['a number that is too long', [0x41, 0xff, 0xff, 0xff, 0xff, 0xff, 1], ';; a number is longer than 32 bits'],
  ])('says so of %s', (_, bytes, comment) => {
    expect(codeText({ bytes: [...bytes] })).toEqual([comment]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(255)), (bytes) => {
        codeText({ bytes });
        bodyText(bytes, 1);
      }),
    );
  });

  it('has a name for every opcode of the interpreter, which ends in its own block', () => {
    const bodies = functionBodies(emitInterpreter());
    expect(bodies.length).toBeGreaterThan(20);
    for (const body of bodies) {
      const text = bodyText(body, 1);
      expect(text.filter((line) => line.includes(';;'))).toEqual([]);
      expect(text.at(-1)).toMatch(/^\S/);
    }
  }, 60_000);

  it('reads back what unsignedLeb writes', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), (index) => {
        expect(codeText({ bytes: [0x20, ...unsignedLeb(index)] })).toEqual([`local.get ${index}`]);
      }),
    );
  });
});

/** The bodies in a module's code section, each without its size. */
function functionBodies(module: Uint8Array): Uint8Array[] {
  let at = 8;
  const size = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  for (;;) {
    const id = module[at++];
    const length = size();
    if (id === 10) break;
    at += length;
  }
  return Array.from({ length: size() }, () => {
    const length = size();
    at += length;
    return module.subarray(at - length, at);
  });
}
