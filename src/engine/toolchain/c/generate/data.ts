/** Static objects and strings → assembly text. */

import { type Constant, evaluate } from '../check/constant.ts';
import type { Init, InitItem, TypedObject } from '../check/tree.ts';
import type { Strings } from '../ir/builder.ts';
import { alignOf, sizeOf } from '../types/layout.ts';
import type { CType } from '../types/types.ts';

/** Bytes of an object; addresses in it are filled in by the linker. */
interface Contents {
  readonly bytes: Uint8Array;
  readonly addresses: Map<number, string>;
}

function writeInteger(bytes: Uint8Array, offset: number, size: number, value: bigint): void {
  for (let index = 0; index < size && offset + index < bytes.length; index++) {
    bytes[offset + index] = Number((value >> BigInt(8 * index)) & 0xffn);
  }
}

function readInteger(bytes: Uint8Array, offset: number, size: number): bigint {
  let value = 0n;
  for (let index = 0; index < size; index++) value |= BigInt(bytes[offset + index] ?? 0) << BigInt(8 * index);
  return value;
}

function writeFloat(bytes: Uint8Array, offset: number, size: number, value: number): void {
  const view = new DataView(new ArrayBuffer(16));
  if (size === 4) view.setFloat32(0, value, true);
  else if (size === 8) view.setFloat64(0, value, true);
  else writeQuad(view, value);
  bytes.set(new Uint8Array(view.buffer).subarray(0, Math.min(size, bytes.length - offset)), offset);
}

/** binary64 → binary128: the exponent gets another bias, the fraction zeros behind it. */
function writeQuad(view: DataView, value: number): void {
  const short = new DataView(new ArrayBuffer(8));
  short.setFloat64(0, value);
  const bits = short.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  const wide = exponent === 0n ? 0n : exponent === 0x7ffn ? 0x7fffn : exponent - 1023n + 16383n;
  view.setBigUint64(0, (fraction & 0xfn) << 60n, true);
  view.setBigUint64(8, ((bits >> 63n) << 63n) | (wide << 48n) | (fraction >> 4n), true);
}

function writeBits(bytes: Uint8Array, { offset, bits }: InitItem, value: bigint): void {
  if (bits === undefined) return;
  const size = Math.ceil((bits.shift + bits.width) / 8);
  const mask = ((1n << BigInt(bits.width)) - 1n) << BigInt(bits.shift);
  const old = readInteger(bytes, offset, size);
  writeInteger(bytes, offset, size, (old & ~mask) | ((value << BigInt(bits.shift)) & mask));
}

function addressText({ base, offset }: Constant & { kind: 'address' }, strings: Strings): string {
  const { kind } = base;
  const string = kind === 'string' && base.of.kind === 'string' ? base.of : undefined;
  const symbol = kind === 'global' ? base.global.symbol : strings.label(string?.elements ?? [], string?.width ?? 1);
  return offset === 0n ? symbol : `${symbol}${offset < 0n ? '' : '+'}${offset}`;
}

interface Text {
  readonly elements: readonly number[];
  readonly width: 1 | 2 | 4;
}

function writeString({ bytes }: Contents, offset: number, { elements, width }: Text): void {
  elements.forEach((element, index) => {
    writeInteger(bytes, offset + index * width, width, BigInt(element));
  });
}

function writeItem(contents: Contents, item: InitItem, strings: Strings): void {
  const { bytes, addresses } = contents;
  const { offset, type, value } = item;
  if (value.kind === 'string') {
    writeString(contents, offset, value);
    return;
  }
  const known = evaluate(value);
  const size = sizeOf(type) ?? 0;
  addresses.delete(offset);
  if (known?.kind === 'address') addresses.set(offset, addressText(known, strings));
  else if (known?.kind === 'float') writeFloat(bytes, offset, size, known.value);
  else if (known !== undefined && item.bits !== undefined) writeBits(bytes, item, known.value);
  else if (known !== undefined) writeInteger(bytes, offset, size, known.value);
}

const escapes: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 34: '\\"', 92: '\\\\' };
const isPrintable = (byte: number): boolean => (byte >= 32 && byte < 127) || byte in escapes;

export const quoted = (bytes: readonly number[]): string =>
  `"${bytes.map((byte) => escapes[byte] ?? String.fromCharCode(byte)).join('')}"`;

const units = [
  [8, '.dword'],
  [4, '.word'],
  [2, '.half'],
] as const;

/** Bytes as text; runs of zeros are named, numbers are as wide as their place allows. */
function* directives({ bytes, addresses }: Contents): Generator<string> {
  for (let at = 0; at < bytes.length; ) {
    const address = addresses.get(at);
    if (address !== undefined) {
      yield `\t.dword ${address}`;
      at += 8;
      continue;
    }
    let end = at;
    while (end < bytes.length && bytes[end] === 0 && !addresses.has(end)) end++;
    if (end - at > 8 || (end === bytes.length && end > at)) {
      yield `\t.zero ${end - at}`;
      at = end;
      continue;
    }
    const text = printableRun(bytes, at);
    if (text >= 4) {
      yield `\t.ascii ${quoted([...bytes.subarray(at, at + text)])}`;
      at += text;
      continue;
    }
    const [size, word] = unitAt(bytes, addresses, at);
    yield `\t${word} ${readInteger(bytes, at, size)}`;
    at += size;
  }
}

function printableRun(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end < bytes.length && isPrintable(bytes[end] ?? 0)) end++;
  return end - at;
}

function unitAt(bytes: Uint8Array, addresses: ReadonlyMap<number, string>, at: number): readonly [number, string] {
  const free = (size: number): boolean =>
    at % size === 0 &&
    at + size <= bytes.length &&
    !Array.from({ length: size - 1 }, (_, index) => at + index + 1).some((each) => addresses.has(each));
  return units.find(([size]) => free(size)) ?? [1, '.byte'];
}

const isReadOnly = (type: CType): boolean =>
  type.kind === 'array' ? isReadOnly(type.of) : type.const === true && type.volatile === undefined;

interface Filling {
  readonly zero: boolean;
  /** It holds addresses that are known only when it is loaded. */
  readonly relocated: boolean;
}

function sectionOf({ global, init }: TypedObject, { zero, relocated }: Filling): string {
  const { section, type } = global;
  if (section !== undefined) return sectionDirective(section, isReadOnly(type), zero);
  // The loader writes the addresses, before anything runs.
  if (isReadOnly(type) && relocated) return '\t.section .data.rel.ro,"aw",@progbits';
  if (isReadOnly(type) && init !== undefined) return '\t.section .rodata';
  return zero ? '\t.bss' : '\t.data';
}

function sectionDirective(section: string, readOnly: boolean, zero: boolean): string {
  if (/^\.(?:text|data|bss|rodata)$/.test(section)) return `\t.section ${section}`;
  const nobits = zero && /^\.s?bss/.test(section);
  return `\t.section ${section},"a${readOnly ? '' : 'w'}",@${nobits ? 'nobits' : 'progbits'}`;
}

const alignDirective = (alignment: number): string => `\t.balign ${alignment}`;

function contentsOf(init: Init | undefined, size: number, strings: Strings): Contents {
  const contents: Contents = { bytes: new Uint8Array(size), addresses: new Map() };
  for (const item of init?.items ?? []) writeItem(contents, item, strings);
  return contents;
}

/** A flexible array at the end takes what its initializer has (GNU). */
function sizeWithTail({ global, init }: TypedObject): number {
  const size = sizeOf(global.type) ?? 0;
  return (init?.items ?? []).reduce((all, item) => Math.max(all, item.offset + (sizeOf(item.type) ?? 0)), size);
}

export function printObject(object: TypedObject, strings: Strings, pic: boolean): string[] {
  const { global, init } = object;
  const { symbol, linkage } = global;
  const size = sizeWithTail(object);
  const contents = contentsOf(init, size, strings);
  const zero = contents.addresses.size === 0 && contents.bytes.every((byte) => byte === 0);
  const lines = [sectionOf(object, { zero, relocated: pic && contents.addresses.size > 0 })];
  if (linkage !== 'local') lines.push(`\t.${linkage === 'weak' ? 'weak' : 'globl'} ${symbol}`);
  const alignment = Math.max(alignOf(global.type), global.alignment);
  if (alignment > 1) lines.push(alignDirective(alignment));
  lines.push(`\t.type ${symbol}, @object`, `\t.size ${symbol}, ${size}`, `${symbol}:`);
  if (zero && size > 0) lines.push(`\t.zero ${size}`);
  else lines.push(...directives(contents));
  return lines;
}

export interface StringPool extends Strings {
  /** The strings that have been asked for. */
  print(): string[];
}

export function createStrings(): StringPool {
  const labels = new Map<string, string>();
  const lines: string[] = [];
  return {
    label(elements, width) {
      const key = `${width}:${elements.join()}`;
      const known = labels.get(key);
      if (known !== undefined) return known;
      const label = `.LC${labels.size}`;
      labels.set(key, label);
      if (width > 1) lines.push(alignDirective(width));
      lines.push(`${label}:`);
      if (width === 1 && elements.every(isPrintable)) lines.push(`\t.asciz ${quoted(elements)}`);
      else {
        const contents: Contents = { bytes: new Uint8Array((elements.length + 1) * width), addresses: new Map() };
        writeString(contents, 0, { elements, width });
        lines.push(...directives(contents));
      }
      return label;
    },
    print: () => (lines.length === 0 ? [] : ['\t.section .rodata', ...lines]),
  };
}
