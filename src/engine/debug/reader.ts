/** Reads numbers out of a debug section. Beyond its end everything is zero, so that broken data ends by itself. */

export class Reader {
  private readonly view: DataView;
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.end = Math.min(end, bytes.length);
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  private take(size: number): number | undefined {
    const from = this.at;
    this.at += size;
    return from >= 0 && this.at <= this.bytes.length ? from : undefined;
  }

  u8(): number {
    const at = this.take(1);
    return at === undefined ? 0 : this.view.getUint8(at);
  }

  i8(): number {
    return (this.u8() << 24) >> 24;
  }

  u16(): number {
    const at = this.take(2);
    return at === undefined ? 0 : this.view.getUint16(at, true);
  }

  u32(): number {
    const at = this.take(4);
    return at === undefined ? 0 : this.view.getUint32(at, true);
  }

  u64(): bigint {
    const at = this.take(8);
    return at === undefined ? 0n : this.view.getBigUint64(at, true);
  }

  /** Little-endian, of 1 to 8 bytes. */
  unsigned(size: number): bigint {
    if (size === 8) return this.u64();
    let value = 0n;
    for (let index = 0; index < size; index++) value |= BigInt(this.u8()) << BigInt(8 * index);
    return value;
  }

  leb(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80 || shift > 63n) return BigInt.asUintN(64, value);
    }
  }

  /** For lengths, indexes and offsets. */
  small(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80 || shift > 42) return value;
    }
  }

  signedLeb(): bigint {
    let value = 0n;
    for (let shift = 0n; ; ) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if (byte < 0x80 || shift > 63n) return BigInt.asIntN(64, (byte & 0x40) !== 0 ? value - (1n << shift) : value);
    }
  }

  block(size: number): Uint8Array {
    const from = Math.min(this.at, this.bytes.length);
    this.at += size;
    return this.bytes.subarray(from, Math.min(this.at, this.bytes.length));
  }

  text(): string {
    const from = Math.min(this.at, this.bytes.length);
    const zero = this.bytes.indexOf(0, from);
    const end = zero < 0 ? this.bytes.length : zero;
    this.at = end + 1;
    return decoder.decode(this.bytes.subarray(from, end));
  }
}

const decoder = new TextDecoder();
const nothing = new Uint8Array();

export type Sections = Readonly<Record<string, Uint8Array>>;

export const sectionOf = (sections: Sections, name: string): Uint8Array =>
  (Object.hasOwn(sections, name) ? sections[name] : undefined) ?? nothing;
