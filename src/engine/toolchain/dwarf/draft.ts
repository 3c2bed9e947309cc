/** Bytes of a debug section while it is being made, with the places that a linker fills in. */
import { leb128Bytes } from '../leb128.ts';

export type DebugName = '.debug_abbrev' | '.debug_info' | '.debug_line' | '.debug_rnglists' | '.debug_frame';

/** Where an offset in a section of code, or in another debug section, has to be put in. */
export type Reference =
  | { readonly at: number; readonly kind: 'code'; readonly section: number; readonly offset: number }
  | { readonly at: number; readonly kind: 'table'; readonly name: DebugName; readonly offset: number };

export interface DebugSection {
  readonly name: DebugName;
  readonly bytes: Uint8Array;
  readonly references: readonly Reference[];
}

const encoder = new TextEncoder();

export const little = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, index) => Math.floor(value / 256 ** index) % 256);
export const unsigned = (value: number | bigint): number[] => leb128Bytes(BigInt(value), false);
export const signed = (value: number | bigint): number[] => leb128Bytes(BigInt(value), true);
/** With a zero byte at its end. */
export const textBytes = (value: string): number[] => [...encoder.encode(value), 0];

export class Draft {
  readonly bytes: number[] = [];
  readonly references: Reference[] = [];

  put(...bytes: readonly number[]): void {
    for (const byte of bytes) this.bytes.push(byte);
  }

  code(section: number, offset: number): void {
    this.references.push({ at: this.bytes.length, kind: 'code', section, offset });
    this.put(...little(0, 8));
  }

  table(name: DebugName, offset = 0): void {
    this.references.push({ at: this.bytes.length, kind: 'table', name, offset });
    this.put(...little(0, 4));
  }

  /** Room for a length, which the result fills in with what has come behind it. */
  length(): () => void {
    const at = this.bytes.length;
    this.put(...little(0, 4));
    return () => {
      this.bytes.splice(at, 4, ...little(this.bytes.length - at - 4, 4));
    };
  }

  section(name: DebugName): DebugSection {
    return { name, bytes: Uint8Array.from(this.bytes), references: this.references };
  }
}
