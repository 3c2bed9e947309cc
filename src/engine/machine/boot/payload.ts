/** What is put into RAM to be run: an image, or bytes that say where they belong by their place or their header. */
import type { Image, Segment } from '../../image.ts';

/** Bytes are a flat binary or a Linux `Image`; an ELF file is read into an image by the toolchain before. */
export type Payload = Uint8Array | Image;

export interface Placed {
  readonly entry: number;
  readonly segments: readonly Segment[];
}

export const isBytes = (payload: Payload): payload is Uint8Array => payload instanceof Uint8Array;

export const megabytes2 = 2 * 2 ** 20;
export const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit;
export const roundDown = (value: number, unit: number): number => Math.floor(value / unit) * unit;

export function segmentAt(physical: number, bytes: Uint8Array, size = bytes.length): Segment {
  return { physical, virtual: BigInt(physical), bytes, size, writable: true, executable: true };
}

const signatures: readonly (readonly [bytes: readonly number[], message: string])[] = [
  [[0x7f, 0x45, 0x4c, 0x46], 'is an ELF file: read it into an image before it is booted'],
  [[0x1f, 0x8b], 'is compressed by gzip: decompress it before it is booted'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'is compressed by Zstandard: decompress it before it is booted'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'is compressed by xz: decompress it before it is booted'],
  [[0x4d, 0x5a, 0, 0, 0x7a, 0x69, 0x6d, 0x67], 'is a compressed EFI application (vmlinuz.efi): take the `Image` in it'],
];

/** Why these bytes cannot be run as they are. */
export function refusal(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'is empty';
  return signatures.find(([signature]) => signature.every((byte, index) => bytes[index] === byte))?.[1];
}

export interface ImageHeader {
  readonly textOffset: number;
  /** Bytes that the kernel takes in memory, its zeroed data with it; 0 if it does not say. */
  readonly imageSize: number;
}

/** The header of a Linux `Image`. Linux, `Documentation/arch/riscv/boot-image-header.rst`; both magic numbers count. */
export function linuxHeader(bytes: Uint8Array): ImageHeader | undefined {
  if (bytes.length < 64) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const riscv = view.getUint32(48, true) === 0x4353_4952 && view.getUint32(52, true) === 0x56;
  if (!riscv && view.getUint32(56, true) !== 0x0543_5352) return undefined;
  return { textOffset: Number(view.getBigUint64(8, true)), imageSize: Number(view.getBigUint64(16, true)) };
}
