/** What a file is that somebody brings to a workbench, by its bytes. */
import { ramBase } from '../engine/machine/memory-map.ts';
import { readElf } from '../engine/toolchain/elf.ts';
import { foreignRefusal } from './foreign-files.ts';

export interface GivenFile {
  /** With its folders, as `src/main.c`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export type Role =
  | { readonly kind: 'text'; readonly text: string }
  /** `fits`: it lies in the machine's RAM, which programs for an operating system do not. */
  | { readonly kind: 'kernel'; readonly linux: boolean; readonly fits: boolean; readonly boot: 'bare' | 'firmware' }
  | { readonly kind: 'initrd' }
  | { readonly kind: 'disk' }
  | { readonly kind: 'useless'; readonly why: string };

export interface RatedFile extends GivenFile {
  readonly role: Role;
}

/** Where SBI firmware enters what follows it. */
const behindFirmware = ramBase + 2 * 2 ** 20;
const mostTextBytes = 1_000_000;

const elf = [0x7f, 0x45, 0x4c, 0x46] as const;
/** Documentation/arch/riscv/boot-image-header.rst: "RSC\x05", at 56. */
const linuxImage = [0x52, 0x53, 0x43, 0x05] as const;
/** Documentation/driver-api/early-userspace/buffer-format.rst: cpio, plain or compressed. */
const gzip = [0x1f, 0x8b] as const;
const cpio = [0x30, 0x37, 0x30, 0x37, 0x30] as const;

const startsWith = (bytes: Uint8Array, signature: readonly number[]): boolean =>
  signature.every((byte, index) => bytes[index] === byte);

export const rated = ({ path, bytes }: GivenFile): RatedFile => ({ path, bytes, role: roleOf(path, bytes) });

function roleOf(path: string, bytes: Uint8Array): Role {
  if (startsWith(bytes, elf)) return elfRole(bytes);
  if (startsWith(bytes.subarray(56), linuxImage)) return { kind: 'kernel', linux: true, fits: true, boot: 'firmware' };
  const text = textOf(bytes);
  const why = foreignRefusal(path, bytes, text);
  if (why !== undefined) return { kind: 'useless', why };
  if (text !== undefined) return { kind: 'text', text };
  return { kind: startsWith(bytes, gzip) || startsWith(bytes, cpio) ? 'initrd' : 'disk' };
}

function elfRole(bytes: Uint8Array): Role {
  const read = readElf(bytes);
  if (!read.ok) return { kind: 'useless', why: read.message };
  const start = Math.min(...read.image.segments.map(({ physical }) => physical));
  return { kind: 'kernel', linux: false, fits: start >= ramBase, boot: start < behindFirmware ? 'bare' : 'firmware' };
}

/** Undefined for what is not text. */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.length > mostTextBytes || bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
