/** A file that is to be booted, as the board takes it: ELF files are read, all others are bytes. */
import type { Payload } from '../engine/machine/boot/payload.ts';
import { readElf } from '../engine/toolchain/elf.ts';

const elfMagic = [0x7f, 0x45, 0x4c, 0x46] as const;

export type PayloadResult =
  | { readonly ok: true; readonly payload: Payload }
  | { readonly ok: false; readonly message: string };

/** `name` is for the message. */
export function payloadOf(name: string, bytes: Uint8Array): PayloadResult {
  if (elfMagic.some((byte, index) => bytes[index] !== byte)) return { ok: true, payload: bytes };
  const read = readElf(bytes);
  return read.ok ? { ok: true, payload: read.image } : { ok: false, message: `${name}: ${read.message}` };
}
