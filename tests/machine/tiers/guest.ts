/** A guest for runs in two tiers: code in its frame, page tables, a disk that holds the code, and the board for them. */
import { findSymbol, type Image } from '../../../src/engine/image.ts';
import { defaultBoard } from '../../../src/engine/machine/machine.ts';
import type { BoardConfig } from '../../../src/engine/machine/types.ts';
import { assembled } from '../guest.ts';
import { diskOf, ringSegments } from './dma.ts';
import { guestText, isUser, type Setting } from './frame.ts';
import { codePages, places, ramBytes, segmentOf, tableSegments } from './places.ts';

/** What a run is made of: the guest's source for people, its image and the board for machines. */
export interface Guest {
  readonly text: string;
  readonly image: Image;
  readonly board: BoardConfig;
}

export interface GuestParts {
  readonly setting: Setting;
  /** Leaf entries begin without A and D. */
  readonly fresh: boolean;
  /** Bytes from the beginning of the code to the end of its first page. */
  readonly lead: number;
  /** Assembly with a label `body`. Instructions at `slot0`, `slot1`, … are others in the copy of the code. */
  readonly body: string;
  readonly harts: number;
  readonly quantum: number;
  /** Entries of each modelled TLB. */
  readonly tlb: number;
}

/** The code with every slot another instruction: what pages are remapped to, and what the disk holds. */
function alternative(image: Image): Uint8Array {
  const bytes = new Uint8Array(codePages * 4096);
  for (const segment of image.segments) {
    bytes.set(segment.bytes.subarray(places.code - segment.physical).subarray(0, bytes.length));
  }
  const view = new DataView(bytes.buffer);
  for (let index = 0; ; index++) {
    const symbol = findSymbol(image, `slot${index}`);
    if (symbol === undefined) return bytes;
    const at = Number(symbol.address) - places.code;
    // Flips a bit of rd and of an immediate or funct7: another computation of another register.
    view.setUint32(at, view.getUint32(at, true) ^ 0x0010_0100, true);
  }
}

const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `0x${value.toString(16)}` : value);

export function guestWith({ setting, fresh, lead, body, harts, quantum, tlb }: GuestParts): Guest {
  const image = assembled(guestText(setting, body, lead));
  const copy = alternative(image);
  const segments = [
    ...image.segments,
    segmentOf(places.copy, copy),
    ...tableSegments({ user: isUser(setting.mode), fresh }),
    ...ringSegments(),
  ];
  const board: BoardConfig = {
    ...defaultBoard,
    ram: ramBytes,
    harts,
    quantum,
    tlb: { instruction: tlb, data: tlb },
    costs: { ...defaultBoard.costs, blockRequest: 300 },
    virtio: [{ kind: 'block', base: diskOf(image, copy) }],
  };
  const text = `${JSON.stringify({ ...setting, fresh, lead, harts, quantum, tlb }, plain)}\n${body}`;
  return { text, image: { ...image, segments }, board };
}
