/** Packets of GDB's remote protocol: `$data#checksum`. GDB manual, "Remote Serial Protocol: Overview". */

/** What arrives: a packet's data, a packet with a wrong checksum, an acknowledgement, or Ctrl-C. */
export type Arrived =
  | { readonly kind: 'packet'; readonly data: string }
  | { readonly kind: 'broken' }
  | { readonly kind: 'resend' }
  | { readonly kind: 'interrupt' };

const interrupt = '\x03';
const escapeBit = 0x20;
/** More than any packet that is answered: one that does not end is not kept. */
const longestPacket = 1 << 20;

const checksum = (data: string): string => {
  let sum = 0;
  for (let index = 0; index < data.length; index++) sum += data.charCodeAt(index);
  return (sum & 0xff).toString(16).padStart(2, '0');
};

/** Characters are bytes. */
export function frame(data: string): string {
  const escaped = data.replace(/[$#}*]/g, (sign) => `}${String.fromCharCode(sign.charCodeAt(0) ^ escapeBit)}`);
  return `$${escaped}#${checksum(escaped)}`;
}

const unescaped = (data: string): string =>
  data.replace(/\}([\s\S])/g, (_, sign: string) => String.fromCharCode(sign.charCodeAt(0) ^ escapeBit));

/** Takes what a socket gives, in any pieces. */
export class PacketReader {
  private rest = '';

  take(text: string): Arrived[] {
    this.rest += text;
    const arrived: Arrived[] = [];
    for (;;) {
      const next = this.next();
      if (next === undefined) return arrived;
      if (next !== 'nothing') arrived.push(next);
    }
  }

  private next(): Arrived | 'nothing' | undefined {
    const { rest } = this;
    if (rest === '') return undefined;
    if (rest[0] !== '$') {
      this.rest = rest.slice(1);
      if (rest[0] === interrupt) return { kind: 'interrupt' };
      return rest[0] === '-' ? { kind: 'resend' } : 'nothing';
    }
    const end = rest.indexOf('#');
    if (end < 0 && rest.length > longestPacket) this.rest = '';
    if (end < 0 || rest.length < end + 3) return undefined;
    const data = rest.slice(1, end);
    const good = rest.slice(end + 1, end + 3).toLowerCase() === checksum(data);
    this.rest = rest.slice(end + 3);
    return good ? { kind: 'packet', data: unescaped(data) } : { kind: 'broken' };
  }
}

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Undefined if this is not an even number of hexadecimal digits. */
export function fromHex(text: string): Uint8Array | undefined {
  return /^([0-9a-f]{2})*$/i.test(text) ? new Uint8Array(Buffer.from(text, 'hex')) : undefined;
}

/** 64 bits as the target's memory would hold them: low byte first. */
export function wordToHex(value: bigint): string {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
  return toHex(bytes);
}

export function wordFromHex(text: string): bigint | undefined {
  const bytes = fromHex(text);
  if (bytes?.length !== 8) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
}
