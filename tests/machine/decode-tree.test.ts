/** The interpreter's tables tell instructions apart as `decode` does, reserved encodings included. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decode, instructions } from '../../src/engine/isa/instructions.ts';
import { type DecodeNode, decodeTree } from '../../src/engine/machine/decode-tree.ts';

const tree = decodeTree(instructions);

function nameIn(node: DecodeNode | undefined, word: number): string | undefined {
  if (node?.kind === 'test')
    return nameIn((word & node.mask) >>> 0 === node.match ? node.matched : node.otherwise, word);
  if (node?.kind !== 'switch') return node?.kind === 'row' ? node.row.name : undefined;
  const { high, low, cases } = node;
  return nameIn(cases.get((word >>> low) & (2 ** (high - low + 1) - 1)), word);
}

it('every 16-bit word, whatever follows', () => {
  for (let bits = 0; bits < 2 ** 16; bits++) {
    if ((bits & 3) === 3) continue;
    const name = decode(bits)?.row.name;
    if (nameIn(tree, bits) !== name || nameIn(tree, bits + 0xffff_0000) !== name) expect(bits.toString(16)).toBe(name);
  }
});

it('32-bit words near every row', () => {
  const word = fc
    .tuple(fc.constantFrom(...instructions), fc.nat(0xffff_ffff))
    .map(([{ encoding }, bits]) => ((bits & ~encoding.mask) | encoding.match) >>> 0);
  fc.assert(
    fc.property(word, (bits) => {
      expect(nameIn(tree, bits)).toBe(decode(bits)?.row.name);
    }),
    { numRuns: 20_000 },
  );
});
