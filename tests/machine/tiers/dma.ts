/** A disk whose sectors hold code, and a queue with two requests to read it over the code that runs. */
import type { Image } from '../../../src/engine/image.ts';
import { codePages, places, segmentOf } from './places.ts';

const sectorBytes = 512;
const codeBytes = codePages * 4096;
/** The middle of the code, where its first page ends: sectors from here on are read. */
const firstSector = 7;
const sectorsRead = 2;
const mayWrite = 2;
const hasNext = 1;

const headerAt = (chain: number): number => places.rings + 0x400 + 32 * chain;
const statusAt = (chain: number): number => headerAt(chain) + 16;

function descriptor(address: number, length: number, flags: number, next: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setBigUint64(0, BigInt(address), true);
  view.setUint32(8, length, true);
  view.setUint16(12, flags, true);
  view.setUint16(14, next, true);
  return new Uint8Array(view.buffer);
}

/** A header that asks for a read from a sector on. */
function header(sector: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setBigUint64(8, BigInt(sector), true);
  return new Uint8Array(view.buffer);
}

const codeAt = places.code + firstSector * sectorBytes;
/** The disk holds the code as it is, and behind it the code with its slots changed. */
const sectorOf = (chain: number): number => firstSector + chain * (codeBytes / sectorBytes);

function chainSegments(chain: number): Image['segments'] {
  const first = 3 * chain;
  const descriptors = [
    descriptor(headerAt(chain), 16, hasNext, first + 1),
    descriptor(codeAt, sectorsRead * sectorBytes, hasNext | mayWrite, first + 2),
    descriptor(statusAt(chain), 1, mayWrite, 0),
  ];
  return [
    ...descriptors.map((bytes, index) => segmentOf(places.rings + 16 * (first + index), bytes)),
    segmentOf(headerAt(chain), header(sectorOf(chain))),
  ];
}

/** Every other request is for the changed code. The available ring stands 0x100 behind the descriptors. */
export function ringSegments(): Image['segments'] {
  const heads = Uint16Array.from({ length: 8 }, (_, index) => 3 * ((index + 1) % 2));
  return [...chainSegments(0), ...chainSegments(1), segmentOf(places.rings + 0x104, new Uint8Array(heads.buffer))];
}

export function diskOf(image: Image, changed: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(2 * codeBytes);
  for (const segment of image.segments) {
    bytes.set(segment.bytes.subarray(Math.max(0, places.code - segment.physical)).subarray(0, codeBytes));
  }
  bytes.set(changed, codeBytes);
  return bytes;
}
