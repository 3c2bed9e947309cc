/**
 * Guests of random code that is mostly hot loops: pieces of assembly, loops of pieces, two functions, and all of it
 * again and again. The end of a run is the end of its steps.
 */
import fc from 'fast-check';
import { findSymbol, type Image } from '../../../src/engine/image.ts';
import { defaultBoard } from '../../../src/engine/machine/machine.ts';
import type { BoardConfig } from '../../../src/engine/machine/types.ts';
import { assembled } from '../guest.ts';
import { call, flow, patching, reserved, slot } from './control-pieces.ts';
import { diskOf, ringSegments } from './dma.ts';
import { guestText, isUser, modes, type Setting } from './frame.ts';
import { computation, memoryAccess, type Piece } from './instruction-pieces.ts';
import { codePages, places, ramBytes, segmentOf, tableSegments } from './places.ts';
import { csrAccess, device, translation, trap } from './system-pieces.ts';

/** What a run is made of: the guest's source for people, its image and the board for machines. */
export interface Guest {
  readonly text: string;
  readonly image: Image;
  readonly board: BoardConfig;
}

const leafPiece: fc.Arbitrary<Piece> = fc.oneof(
  { weight: 12, arbitrary: computation },
  { weight: 6, arbitrary: memoryAccess },
  { weight: 5, arbitrary: flow },
  { weight: 3, arbitrary: slot },
  { weight: 3, arbitrary: patching },
  { weight: 3, arbitrary: csrAccess },
  { weight: 1, arbitrary: trap },
  { weight: 1, arbitrary: reserved },
  { weight: 1, arbitrary: device },
  { weight: 1, arbitrary: translation },
);

const piece = fc.oneof({ weight: 20, arbitrary: leafPiece }, { weight: 1, arbitrary: call });

const run = (maxLength: number, of = piece): fc.Arbitrary<readonly Piece[]> =>
  fc.array(of, { minLength: 1, maxLength, size: 'max' });

/** A jump into its midst may leave the counter at anything: it counts down to below zero at most. */
const loopOf = (counter: string, inner: fc.Arbitrary<readonly Piece[]>): fc.Arbitrary<readonly Piece[]> =>
  fc
    .tuple(fc.integer({ min: 1, max: 9 }), inner)
    .map(([count, pieces]) => [
      `li ${counter}, ${count}`,
      ...pieces,
      `addi ${counter}, ${counter}, -1\nbgtz ${counter}, @-${pieces.length}`,
    ]);

const innerLoop = loopOf('s3', run(6));
const outerLoop = loopOf(
  's2',
  fc
    .array(fc.oneof({ weight: 3, arbitrary: run(4) }, { weight: 1, arbitrary: innerLoop }), {
      minLength: 1,
      maxLength: 4,
    })
    .map((parts) => parts.flat()),
);
const main = fc
  .array(fc.oneof(run(4), innerLoop, outerLoop), { minLength: 1, maxLength: 5, size: 'max' })
  .map((parts) => parts.flat());

/** Pieces one behind the other, with their labels: p0, p1, …, and the slots by number. */
function joined(functions: readonly (readonly Piece[])[], pieces: readonly Piece[]): string {
  const blocks = [
    ...functions.flatMap((inner, index) => [`f${index}:`, ...inner, index === 0 ? 'ret' : 'c.jr ra']),
    'body:',
    ...pieces,
    'slot@=: addi a0, a0, 1\nj body',
  ];
  const slots = blocks.filter((block) => block.includes('slot@=:')).length;
  let slotNumber = 0;
  return blocks
    .map((block, index) => {
      const text = block
        .replace(/@\+(\d+)/g, (_, count) => `p${Math.min(index + Number(count), blocks.length - 1)}`)
        .replace(/@-(\d+)/g, (_, count) => `p${index - Number(count)}`)
        .replace(/@#(\d+)/g, (_, number) => `slot${Number(number) % slots}`)
        .replaceAll('@~', String(index))
        .replaceAll('@=', String(slotNumber));
      if (block.includes('slot@=:')) slotNumber++;
      return `p${index}: ${text}`;
    })
    .join('\n');
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

export const setting: fc.Arbitrary<Setting> = fc.record({
  mode: fc.constantFrom(...modes),
  delegates: fc.boolean(),
  translates: fc.constantFrom(true, true, true, false),
  period: fc.constantFrom(0, 3, 7, 20),
  seeds: fc.array(seed(), { minLength: 20, maxLength: 20 }),
});

function seed(): fc.Arbitrary<bigint> {
  return fc.oneof(
    fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    fc.bigInt({ min: 0n, max: 64n }),
    fc.double().map((value) => new BigUint64Array(Float64Array.of(value).buffer)[0] ?? 0n),
    fc.float().map((value) => BigInt(new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0) | (0xffff_ffffn << 32n)),
  );
}

export interface Source {
  readonly setting: Setting;
  readonly fresh: boolean;
  readonly lead: number;
  readonly functions: readonly (readonly Piece[])[];
  readonly pieces: readonly Piece[];
  readonly harts: number;
  readonly quantum: number;
  readonly tlb: number;
}

export const hotSource: fc.Arbitrary<Source> = fc.record({
  setting,
  fresh: fc.boolean(),
  lead: fc.integer({ min: 1, max: 200 }).map((half) => 2 * half),
  functions: fc.tuple(run(4, leafPiece), run(4, leafPiece)),
  pieces: main,
  harts: fc.constantFrom(1, 1, 1, 2, 3),
  quantum: fc.integer({ min: 10, max: 200 }),
  tlb: fc.integer({ min: 1, max: 6 }),
});

export function guestOf({ setting: chosen, fresh, lead, functions, pieces, harts, quantum, tlb }: Source): Guest {
  const body = joined(functions, pieces);
  const image = assembled(guestText(chosen, body, lead));
  const copy = alternative(image);
  const segments = [
    ...image.segments,
    segmentOf(places.copy, copy),
    ...tableSegments({ user: isUser(chosen.mode), fresh }),
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
  const { seeds: _, ...rest } = chosen;
  const text = `${JSON.stringify({ ...rest, fresh, lead, harts, quantum, tlb })}\n${body}`;
  return { text, image: { ...image, segments }, board };
}
