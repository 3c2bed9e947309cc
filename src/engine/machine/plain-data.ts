/**
 * Plain data as bytes: numbers, strings, bigints, booleans, undefined, arrays, records, maps and the typed arrays that
 * states are made of. What is decoded equals what was encoded; bytes that nothing was encoded to give an error.
 */

export class PlainDataError extends Error {}

const tag = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  /** LEB128. */
  natural: 4,
  /** IEEE 754 double, little-endian. */
  number: 5,
  bigint: 6,
  string: 7,
  array: 8,
  record: 9,
  map: 10,
  bytes: 11,
  words: 12,
} as const;

const deepest = 32;
const naturals = 2 ** 32;

class Writer {
  private bytes = new Uint8Array(1024);
  private length = 0;

  value(value: unknown): void {
    if (value === undefined) this.byte(tag.undefined);
    else if (value === null) this.byte(tag.null);
    else if (typeof value === 'boolean') this.byte(value ? tag.true : tag.false);
    else if (typeof value === 'number') this.number(value);
    else if (typeof value === 'bigint') this.text(tag.bigint, `${value}`);
    else if (typeof value === 'string') this.text(tag.string, value);
    else if (value instanceof Uint8Array) this.block(tag.bytes, value.length, value);
    else if (value instanceof Uint32Array) {
      this.block(tag.words, value.length, new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    } else if (value instanceof Map) this.entries(tag.map, [...value]);
    else if (Array.isArray(value)) this.array(value);
    else if (typeof value === 'object') this.entries(tag.record, Object.entries(value));
    else throw new PlainDataError(`A ${typeof value} is no plain data.`);
  }

  taken(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private number(value: number): void {
    if (Number.isInteger(value) && value >= 0 && value < naturals && !Object.is(value, -0)) {
      this.byte(tag.natural);
      this.natural(value);
      return;
    }
    this.byte(tag.number);
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    this.raw(bytes);
  }

  private text(kind: number, text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.block(kind, bytes.length, bytes);
  }

  private array(values: readonly unknown[]): void {
    this.byte(tag.array);
    this.natural(values.length);
    // By index: a hole is as good as undefined.
    for (let index = 0; index < values.length; index++) this.value(values[index]);
  }

  private entries(kind: number, entries: readonly (readonly [unknown, unknown])[]): void {
    this.byte(kind);
    this.natural(entries.length);
    for (const [key, value] of entries) {
      this.value(key);
      this.value(value);
    }
  }

  private block(kind: number, length: number, bytes: Uint8Array): void {
    this.byte(kind);
    this.natural(length);
    this.raw(bytes);
  }

  private natural(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  private byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  private raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.bytes.length, this.length + more));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

class Reader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  whole(): unknown {
    const value = this.value(0);
    if (this.at !== this.bytes.length) throw new PlainDataError('Something follows the data.');
    return value;
  }

  private value(depth: number): unknown {
    if (depth > deepest) throw new PlainDataError('The data is nested too deeply.');
    const kind = this.raw(1)[0];
    switch (kind) {
      case tag.undefined:
        return undefined;
      case tag.null:
        return null;
      case tag.false:
        return false;
      case tag.true:
        return true;
      case tag.natural:
        return this.natural();
      case tag.number:
        return this.number();
      case tag.bigint:
        return this.bigint();
      case tag.string:
        return this.text();
      case tag.array:
        return Array.from({ length: this.count() }, () => this.value(depth + 1));
      case tag.record:
        return Object.fromEntries(this.entries(depth).map(([key, value]) => [`${key}`, value]));
      case tag.map:
        return new Map(this.entries(depth));
      case tag.bytes:
        return this.raw(this.natural()).slice();
      case tag.words:
        return new Uint32Array(this.raw(4 * this.natural()).slice().buffer);
      default:
        throw new PlainDataError(`There is no kind ${kind} of data.`);
    }
  }

  private entries(depth: number): [unknown, unknown][] {
    return Array.from({ length: this.count() }, () => [this.value(depth + 1), this.value(depth + 1)]);
  }

  /** How many values follow: each takes a byte at least. */
  private count(): number {
    const count = this.natural();
    if (count > this.bytes.length - this.at) throw new PlainDataError('The data ends early.');
    return count;
  }

  private natural(): number {
    let value = 0;
    for (let place = 1; place < naturals; place *= 0x80) {
      const byte = this.raw(1)[0] ?? 0;
      value += (byte & 0x7f) * place;
      if (byte < 0x80) return value;
    }
    throw new PlainDataError('A number is too large.');
  }

  private number(): number {
    const bytes = this.raw(8);
    return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
  }

  private bigint(): bigint {
    const text = this.text();
    if (!/^-?\d{1,400}$/.test(text)) throw new PlainDataError(`'${text.slice(0, 20)}' is no number.`);
    return BigInt(text);
  }

  private text(): string {
    return new TextDecoder().decode(this.raw(this.natural()));
  }

  private raw(length: number): Uint8Array {
    if (length > this.bytes.length - this.at) throw new PlainDataError('The data ends early.');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

export function encodePlain(value: unknown): Uint8Array {
  const writer = new Writer();
  writer.value(value);
  return writer.taken();
}

/** Throws a `PlainDataError` for anything that `encodePlain` did not make. */
export function decodePlain(bytes: Uint8Array): unknown {
  return new Reader(bytes).whole();
}
