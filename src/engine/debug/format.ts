/** Values as text. */
import { encodings } from '../dwarf.ts';
import { plainType, type Type } from './types.ts';
import { childrenOfValue, floatValue, integerValue, rawBytes, type Target, type Value } from './values.ts';

export interface FormatOptions {
  /** Names a place of the program: `main+4`. */
  readonly symbolAt?: (address: bigint) => string | undefined;
}

export const gone = '<optimized out>';
export const unreadable = '<cannot be read>';

const hex = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`;

const escapes: Readonly<Record<number, string>> = { 0: '\\0', 9: '\\t', 10: '\\n', 13: '\\r', 34: '\\"', 92: '\\\\' };

const characterText = (code: number): string => {
  const known = escapes[code];
  if (known !== undefined) return known;
  return code >= 32 && code < 127 ? String.fromCharCode(code) : `\\x${code.toString(16).padStart(2, '0')}`;
};

const quote = (bytes: Iterable<number>): string => `"${[...bytes].map(characterText).join('')}"`;

const isCharacter = (type: Type): boolean => {
  const plain = plainType(type);
  return plain.kind === 'base' && plain.size === 1 && plain.encoding !== encodings.boolean;
};

const mostText = 200;

/** The text that a `char *` points to. */
function textAt(address: bigint, { read }: Target): string | undefined {
  const found: number[] = [];
  for (let at = address; found.length < mostText; at++) {
    const [byte] = read(at, 1) ?? [];
    if (byte === undefined) return undefined;
    if (byte === 0) return quote(found);
    found.push(byte);
  }
  return `${quote(found)}…`;
}

function pointerText(address: bigint, target: Type, from: Target, { symbolAt }: FormatOptions): string {
  if (address === 0n) return 'NULL';
  const symbol = symbolAt?.(address);
  const place = symbol === undefined ? hex(address) : `${hex(address)} <${symbol}>`;
  const text = isCharacter(target) ? textAt(address, from) : undefined;
  return text === undefined ? place : `${place} ${text}`;
}

function enumText(value: bigint, names: ReadonlyMap<bigint, string>): string {
  const name = names.get(value);
  if (name !== undefined) return name;
  const flags = [...names].filter(([bit]) => bit > 0n && (bit & (bit - 1n)) === 0n && (value & bit) !== 0n);
  const rest = flags.reduce((left, [bit]) => left & ~bit, value);
  if (flags.length === 0 || value < 0n) return String(value);
  return [...flags.map(([, each]) => each), ...(rest === 0n ? [] : [hex(rest)])].join(' | ');
}

function baseText(value: Value, type: Type & { kind: 'base' }, target: Target): string {
  if (type.encoding === encodings.float) {
    const number = floatValue(value, target);
    return number === undefined ? unreadable : String(number);
  }
  const number = integerValue(value, target);
  if (number === undefined) return unreadable;
  if (type.encoding === encodings.boolean) return number === 0n ? 'false' : number === 1n ? 'true' : String(number);
  const letter = isCharacter(type) && number !== 0n ? ` '${characterText(Number(BigInt.asUintN(8, number)))}'` : '';
  return `${number}${letter}`;
}

function arrayText(value: Value, element: Type, target: Target, options: FormatOptions, depth: number): string {
  const bytes = isCharacter(element) ? rawBytes(value, target) : undefined;
  if (bytes !== undefined) {
    const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
    return quote(bytes.subarray(0, Math.min(end, mostText)));
  }
  const shown = childrenOfValue(value, target, 0, mostShown + 1);
  const list = shown.slice(0, mostShown).map((each) => write(each.value, target, options, depth + 1));
  return `{${list.join(', ')}${shown.length > mostShown ? ', …' : ''}}`;
}

const mostShown = 10;
const deepest = 3;

function write(value: Value, target: Target, options: FormatOptions, depth: number): string {
  if (value.place === undefined) return gone;
  const plain = plainType(value.type);
  switch (plain.kind) {
    case 'base':
      return baseText(value, plain, target);
    case 'pointer': {
      const address = integerValue(value, target);
      return address === undefined ? unreadable : pointerText(address, plain.target(), target, options);
    }
    case 'enum': {
      const number = integerValue(value, target);
      return number === undefined ? unreadable : enumText(number, plain.names());
    }
    case 'array':
      return depth > deepest ? '{…}' : arrayText(value, plain.element(), target, options, depth);
    case 'record': {
      if (depth > deepest) return '{…}';
      const fields = childrenOfValue(value, target).slice(0, 4 * mostShown);
      return `{${fields.map((each) => `${each.name === '' ? '' : `${each.name} = `}${write(each.value, target, options, depth + 1)}`).join(', ')}}`;
    }
    default:
      return value.place.kind === 'memory' ? hex(value.place.address) : '';
  }
}

/** One line, cut where it would become long. Throws nothing, whatever memory holds. */
export const formatValue = (value: Value, target: Target, options: FormatOptions = {}): string =>
  write(value, target, options, 0);
