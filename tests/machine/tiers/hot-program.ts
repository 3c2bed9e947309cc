/**
 * Guests of random code that is mostly hot loops: pieces of assembly, loops of pieces, two functions, and all of it
 * again and again. The end of a run is the end of its steps.
 */
import fc from 'fast-check';
import { call, flow, patching, reserved, slot } from './control-pieces.ts';
import { modes, type Setting } from './frame.ts';
import { type Guest, type GuestParts, guestWith } from './guest.ts';
import { computation, memoryAccess, type Piece } from './instruction-pieces.ts';
import { csrAccess, device, translation, trap } from './system-pieces.ts';

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

export interface Source extends Omit<GuestParts, 'body'> {
  readonly functions: readonly (readonly Piece[])[];
  readonly pieces: readonly Piece[];
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

export const guestOf = ({ functions, pieces, ...rest }: Source): Guest =>
  guestWith({ ...rest, body: joined(functions, pieces) });
