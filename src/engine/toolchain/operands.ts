/** One operand of an instruction, by the name it has in the syntax of its row. */
import { csrByName, csrRows } from '../isa/csrs.ts';
import { roundingModes } from '../isa/float-format.ts';
import { floatRegisterNames, floatRegisterNumber, registerNames, registerNumber } from '../isa/registers.ts';
import { accept, type Cursor, expect, expectEnd, mistakeAt, next, peek, restText, unexpected } from './cursor.ts';
import type { Mistake } from './diagnostics.ts';
import { type Node, parseExpression } from './expression.ts';
import { fenceSet } from './forms.ts';
import { didYouMean } from './suggest.ts';
import type { Token } from './tokens.ts';
import { namesOf, type Unit } from './unit.ts';

/** What an expression in an operand asks for: its own value, or a part of an address. */
export type Modifier =
  | 'value'
  | 'hi'
  | 'lo'
  | 'pcrel_hi'
  | 'pcrel_lo'
  | 'got_pcrel_hi'
  | 'tprel_hi'
  | 'tprel_lo'
  | 'tprel_add'
  | 'tls_ie_pcrel_hi'
  | 'tls_gd_pcrel_hi';

/** The value of a field, and where it is written. */
export type FieldValue =
  | { readonly kind: 'number'; readonly value: bigint; readonly start: number; readonly end: number }
  | {
      readonly kind: 'expression';
      readonly modifier: Modifier;
      readonly node: Node;
      readonly start: number;
      readonly end: number;
    };

export type Fields = Record<string, FieldValue>;

type Parser = (cursor: Cursor, unit: Unit, fields: Fields) => void;

const modifiers: Readonly<Record<string, Modifier>> = {
  '%hi': 'hi',
  '%lo': 'lo',
  '%pcrel_hi': 'pcrel_hi',
  '%pcrel_lo': 'pcrel_lo',
  '%got_pcrel_hi': 'got_pcrel_hi',
  '%tprel_hi': 'tprel_hi',
  '%tprel_lo': 'tprel_lo',
  '%tprel_add': 'tprel_add',
  '%tls_ie_pcrel_hi': 'tls_ie_pcrel_hi',
  '%tls_gd_pcrel_hi': 'tls_gd_pcrel_hi',
};

const numberField = (value: number, token: Token): FieldValue => ({
  kind: 'number',
  value: BigInt(value),
  start: token.start,
  end: token.end,
});

/** The register that the token names, or undefined. */
const registerOf = (token: Token): number | undefined =>
  token.kind === 'name' ? registerNumber(token.text) : undefined;

const floatRegisterOf = (token: Token): number | undefined =>
  token.kind === 'name' ? floatRegisterNumber(token.text) : undefined;

function registerMistake(cursor: Cursor): Mistake {
  const token = peek(cursor);
  if (token.kind === 'name' && /^\$/.test(token.text)) {
    const name = token.text.slice(1);
    const hint = registerNumber(name) === undefined ? undefined : `write \`${name}\`, without $`;
    return mistakeAt(token, `\`${token.text}\` is not a register`, hint);
  }
  if (token.kind === 'name' && floatRegisterNumber(token.text) !== undefined) {
    return mistakeAt(token, `\`${token.text}\` is a floating-point register; an integer register is needed here`);
  }
  if (token.kind === 'name') {
    const lower = token.text.toLowerCase();
    if (registerNumber(lower) !== undefined) {
      return mistakeAt(token, `\`${token.text}\` is not a register`, `registers are in lower case: \`${lower}\``);
    }
    return mistakeAt(token, `unknown register \`${token.text}\``, didYouMean(token.text, registerNames));
  }
  if (token.kind === 'number' || token.text === '-') {
    const text = restText(cursor);
    return mistakeAt(token, `\`${text}\` stands where a register is needed`, 'load the number with `li` first');
  }
  return unexpected(cursor, 'a register');
}

const register =
  (field: string): Parser =>
  (cursor, _unit, fields) => {
    const token = peek(cursor);
    const number = registerOf(token);
    if (number === undefined) throw registerMistake(cursor);
    next(cursor);
    fields[field] = numberField(number, token);
  };

function floatRegisterMistake(cursor: Cursor): Mistake {
  const token = peek(cursor);
  if (token.kind !== 'name') return unexpected(cursor, 'a floating-point register');
  const isInteger = registerNumber(token.text) !== undefined;
  const hint = isInteger ? undefined : didYouMean(token.text, floatRegisterNames);
  const message = isInteger
    ? `\`${token.text}\` is an integer register; a floating-point register is needed here`
    : `unknown floating-point register \`${token.text}\``;
  return mistakeAt(token, message, hint);
}

const floatRegister =
  (field: string): Parser =>
  (cursor, _unit, fields) => {
    const number = floatRegisterOf(peek(cursor));
    if (number === undefined) throw floatRegisterMistake(cursor);
    fields[field] = numberField(number, next(cursor));
  };

const isShort = (number: number): boolean => number >= 8 && number <= 15;

function refuseLong(token: Token, number: number | undefined, names: string): void {
  if (number === undefined || isShort(number)) return;
  const hint = 'write the instruction without `c.`: it takes four bytes and any register';
  throw mistakeAt(token, `\`${token.text}\` does not fit here; it takes ${names}`, hint);
}

/** One of the eight registers that three bits can name. */
const shortRegister =
  (field: string): Parser =>
  (cursor, unit, fields) => {
    const token = peek(cursor);
    refuseLong(token, registerOf(token), 's0, s1 and a0 to a5');
    register(field)(cursor, unit, fields);
  };

const shortFloatRegister =
  (field: string): Parser =>
  (cursor, unit, fields) => {
    const token = peek(cursor);
    refuseLong(token, floatRegisterOf(token), 'fs0, fs1 and fa0 to fa5');
    floatRegister(field)(cursor, unit, fields);
  };

const rounding: Parser = (cursor, _unit, fields) => {
  const token = peek(cursor);
  const mode = Object.entries(roundingModes).find(([name]) => token.kind === 'name' && token.text === name)?.[1];
  if (mode === undefined)
    throw unexpected(cursor, 'a rounding mode', `one of ${Object.keys(roundingModes).join(', ')}`);
  next(cursor);
  fields.rm = numberField(mode, token);
};

const stackPointer: Parser = (cursor) => {
  const token = peek(cursor);
  if (registerOf(token) !== registerNumber('sp')) throw unexpected(cursor, '`sp`');
  next(cursor);
};

function toField(node: Node, modifier: Modifier, start: number, end: number): FieldValue {
  if (node.kind !== 'number') return { kind: 'expression', modifier, node, start, end };
  if (modifier === 'value') return { kind: 'number', value: node.value, start, end };
  if (modifier === 'hi')
    return { kind: 'number', value: BigInt.asIntN(32, (node.value + 0x800n) & ~0xfffn), start, end };
  if (modifier === 'lo') return { kind: 'number', value: BigInt.asIntN(12, node.value), start, end };
  return { kind: 'expression', modifier, node, start, end };
}

/** An expression, or `%hi(expression)` and the like where `allowed`. */
function parseValue(cursor: Cursor, unit: Unit, allowed: readonly Modifier[]): FieldValue {
  const token = peek(cursor);
  const end = (): number => cursor.tokens[cursor.index - 1]?.end ?? token.end;
  if (token.kind !== 'modifier') {
    const node = parseExpression(cursor, namesOf(unit, cursor.statement));
    return toField(node, 'value', token.start, end());
  }
  const modifier = modifiers[token.text];
  if (modifier === undefined) {
    throw mistakeAt(token, `unknown operator \`${token.text}\``, didYouMean(token.text, Object.keys(modifiers)));
  }
  if (!allowed.includes(modifier)) {
    throw mistakeAt(token, `\`${token.text}\` does not fit here`, `it is for ${usesOf(modifier)}`);
  }
  next(cursor);
  expect(cursor, '(');
  const node = parseExpression(cursor, namesOf(unit, cursor.statement));
  expect(cursor, ')');
  return toField(node, modifier, token.start, end());
}

const lowModifiers: readonly Modifier[] = ['lo', 'pcrel_lo', 'tprel_lo'];
const highModifiers: readonly Modifier[] = [
  'hi',
  'pcrel_hi',
  'got_pcrel_hi',
  'tprel_hi',
  'tls_ie_pcrel_hi',
  'tls_gd_pcrel_hi',
];

/** Where an operator may stand, for a message. */
function usesOf(modifier: Modifier): string {
  if (modifier === 'tprel_add') return '`add rd, rs1, tp, %tprel_add(symbol)`';
  return highModifiers.includes(modifier) ? '`lui` (`%hi`) and `auipc` (`%pcrel_hi`)' : '`addi`, loads and stores';
}

/** A register alone where an expression is needed. */
function loneRegister(cursor: Cursor): Token | undefined {
  const token = peek(cursor);
  return cursor.end - cursor.index === 1 && registerOf(token) !== undefined ? token : undefined;
}

function refuseRegister(cursor: Cursor): void {
  const lone = loneRegister(cursor);
  if (lone !== undefined) throw mistakeAt(lone, `\`${lone.text}\` is a register; a number is needed here`);
}

const immediate: Parser = (cursor, unit, fields) => {
  refuseRegister(cursor);
  fields.imm = parseValue(cursor, unit, lowModifiers);
};

/** 20 bits as `lui` and `auipc` take them: 0…0xfffff, or negative. */
const upperImmediate: Parser = (cursor, unit, fields) => {
  const value = parseValue(cursor, unit, highModifiers);
  const whole = cursor.statement.text.slice(value.start, value.end).startsWith('%');
  if (value.kind === 'number' && !whole) {
    if (value.value < -0x80000n || value.value > 0xfffffn) {
      const written = cursor.statement.text.slice(value.start, value.end);
      const message = `the upper immediate is ${written}; it takes 0 to 0xfffff (bits 31 to 12 of the result)`;
      const token = { ...peek(cursor), start: value.start, end: value.end };
      throw mistakeAt(token, message, 'for a whole number, use `li`; for an address, `la`');
    }
    fields.imm = { ...value, value: BigInt.asIntN(32, value.value << 12n) };
    return;
  }
  if (value.kind === 'expression' && value.modifier === 'value') {
    const text = cursor.statement.text.slice(value.start, value.end);
    const token = { ...peek(cursor), start: value.start, end: value.end };
    throw mistakeAt(token, `\`${text}\` is not a number known here`, `for an address, use \`la\`, or \`%hi(${text})\``);
  }
  fields.imm = value;
};

/** Whether the operand ends in `(register)`. */
function baseRegister(cursor: Cursor): Token | undefined {
  const [open, name, close] = cursor.tokens.slice(Math.max(cursor.end - 3, cursor.index), cursor.end);
  if (cursor.tokens[cursor.end - 4]?.kind === 'modifier') return undefined;
  if (open?.text !== '(' || close?.text !== ')' || name?.kind !== 'name') return undefined;
  return name;
}

/** `8(sp)`, `(sp)`, `%lo(symbol)(a0)`. `base` reads the register. */
const memory =
  (field: string, allowed: readonly Modifier[], base: Parser): Parser =>
  (cursor, unit, fields) => {
    const found = baseRegister(cursor);
    if (found === undefined) {
      if (loneRegister(cursor) !== undefined) {
        const name = peek(cursor).text;
        throw mistakeAt(peek(cursor), `the address must be offset(register)`, `write \`0(${name})\``);
      }
      const rest = restText(cursor);
      const token = peek(cursor);
      if (token.kind === 'end') throw unexpected(cursor, 'an address, offset(register),');
      throw mistakeAt(token, `\`${rest}\` has no base register`, `write \`${rest}(register)\``);
    }
    const inner: Cursor = { ...cursor, end: cursor.end - 3 };
    if (inner.index === inner.end) fields[field] = numberField(0, found);
    else {
      fields[field] = parseValue(inner, unit, allowed);
      expectEnd(inner);
    }
    cursor.index = cursor.end - 2;
    base(cursor, unit, fields);
    cursor.index = cursor.end;
  };

/** `(a0)`, or `0(a0)` as GNU as allows. */
const address: Parser = (cursor, unit, fields) => {
  const first = peek(cursor);
  if (loneRegister(cursor) !== undefined) {
    throw mistakeAt(first, 'the address must be a register in parentheses', `write \`(${first.text})\``);
  }
  if (first.kind === 'number' && first.value === 0n) next(cursor);
  else if (first.kind === 'number' && baseRegister(cursor) !== undefined) {
    throw mistakeAt(first, 'this instruction takes no offset', 'add it to the register first');
  }
  expect(cursor, '(');
  register('rs1')(cursor, unit, fields);
  expect(cursor, ')');
};

const target: Parser = (cursor, unit, fields) => {
  fields.imm = parseValue(cursor, unit, []);
};

/** A symbol, perhaps with an offset, as `la` and `call` take it. */
const symbol: Parser = (cursor, unit, fields) => {
  if (baseRegister(cursor) !== undefined) throw mistakeAt(peek(cursor), 'a symbol is needed here, without a register');
  fields.symbol = parseValue(cursor, unit, []);
  // GNU as also writes calls through the PLT so; without shared objects it is the same call.
  if (accept(cursor, '@')) next(cursor);
};

/** Marks the addition of `tp`: it changes nothing unless a linker relaxes. */
const threadAddition: Parser = (cursor, unit, fields) => {
  fields.symbol = parseValue(cursor, unit, ['tprel_add']);
};

const threadPointer: Parser = (cursor) => {
  if (registerOf(peek(cursor)) !== registerNumber('tp')) throw unexpected(cursor, '`tp`');
  next(cursor);
};

const plainNumber =
  (field: string): Parser =>
  (cursor, unit, fields) => {
    refuseRegister(cursor);
    fields[field] = parseValue(cursor, unit, []);
  };

const csr: Parser = (cursor, unit, fields) => {
  const token = peek(cursor);
  const lone = cursor.end - cursor.index === 1;
  const known = token.kind === 'name' ? csrByName(token.text) : undefined;
  if (known !== undefined && lone) {
    next(cursor);
    fields.csr = numberField(known.number, token);
    return;
  }
  if (token.kind === 'name' && lone && unit.symbols.get(token.text)?.definition === undefined) {
    const names = csrRows.map((row) => row.name);
    const isRegister = registerNumber(token.text) !== undefined;
    const message = isRegister ? `\`${token.text}\` is a register, not a CSR` : `unknown CSR \`${token.text}\``;
    const hint = isRegister
      ? 'the CSR stands before the source: `csrw mtvec, t0`, and after the destination: `csrr t0, mtvec`'
      : undefined;
    throw mistakeAt(token, message, hint ?? didYouMean(token.text, names) ?? 'a CSR may also be given by its number');
  }
  fields.csr = parseValue(cursor, unit, []);
};

const fence =
  (field: string): Parser =>
  (cursor, _unit, fields) => {
    const token = peek(cursor);
    const set = token.kind === 'name' ? fenceSet(token.text) : token.text === '0' ? 0 : undefined;
    if (set === undefined) {
      throw unexpected(cursor, 'a set of accesses', 'letters of `iorw`, in this order: `rw`, `w`, `iorw`');
    }
    next(cursor);
    fields[field] = numberField(set, token);
  };

const parsers: Readonly<Record<string, Parser>> = {
  rd: register('rd'),
  rs1: register('rs1'),
  rs2: register('rs2'),
  rs3: register('rs3'),
  frd: floatRegister('frd'),
  frs1: floatRegister('frs1'),
  frs2: floatRegister('frs2'),
  frs3: floatRegister('frs3'),
  rm: rounding,
  imm: immediate,
  imm20: upperImmediate,
  'imm(rs1)': memory('imm', lowModifiers, register('rs1')),
  "uimm(rs1')": memory('uimm', [], shortRegister('rs1')),
  'uimm(sp)': memory('uimm', [], stackPointer),
  sp: stackPointer,
  "rd'": shortRegister('rd'),
  "rs1'": shortRegister('rs1'),
  "rs2'": shortRegister('rs2'),
  "frd'": shortFloatRegister('frd'),
  "frs2'": shortFloatRegister('frs2'),
  '(rs1)': address,
  target,
  symbol,
  tp: threadPointer,
  '%tprel_add(symbol)': threadAddition,
  csr,
  pred: fence('pred'),
  succ: fence('succ'),
};

/** Parses one whole operand; throws a `Mistake`. */
export function parseOperand(operand: string, cursor: Cursor, unit: Unit, fields: Fields): void {
  const parser = parsers[operand] ?? plainNumber(operand);
  parser(cursor, unit, fields);
  expectEnd(cursor);
}
