/** Which registers hold something that is still read, at the end of each block. */
import { type MachineBlock, type MachineFunction, successorsOf } from './machine.ts';

type Bits = Uint32Array;

const has = (bits: Bits, index: number): boolean => (((bits[index >> 5] ?? 0) >>> (index & 31)) & 1) === 1;
const set = (bits: Bits, index: number): void => {
  bits[index >> 5] = (bits[index >> 5] ?? 0) | (1 << (index & 31));
};

interface Local {
  /** Read before they are written. */
  readonly uses: Bits;
  readonly defs: Bits;
  readonly into: Bits;
  readonly out: Bits;
}

function localSets({ instructions }: MachineBlock, words: number): Local {
  const fresh = (): Bits => new Uint32Array(words);
  const local: Local = { uses: fresh(), defs: fresh(), into: fresh(), out: fresh() };
  for (const { uses, defs, clobbers = [] } of instructions) {
    for (const use of uses) if (!has(local.defs, use)) set(local.uses, use);
    for (const def of defs) set(local.defs, def);
    for (const clobber of clobbers) set(local.defs, clobber);
  }
  local.into.set(local.uses);
  return local;
}

/** Adds what the successors need; whether anything is new. */
function update({ uses, defs, into, out }: Local, next: readonly Local[]): boolean {
  let changed = false;
  for (let word = 0; word < out.length; word++) {
    let all = out[word] ?? 0;
    for (const each of next) all |= each.into[word] ?? 0;
    if (all === out[word]) continue;
    out[word] = all;
    const before = ((all & ~(defs[word] ?? 0)) | (uses[word] ?? 0)) >>> 0;
    if (before !== into[word]) {
      into[word] = before;
      changed = true;
    }
  }
  return changed;
}

function members(bits: Bits): number[] {
  const list: number[] = [];
  bits.forEach((word, index) => {
    for (let rest = word; rest !== 0; rest &= rest - 1) list.push(index * 32 + 31 - Math.clz32(rest & -rest));
  });
  return list;
}

export function liveAtEnd({ blocks, nextRegister }: MachineFunction): Map<MachineBlock, number[]> {
  const words = (nextRegister + 31) >> 5;
  const locals = new Map(blocks.map((block): [MachineBlock, Local] => [block, localSets(block, words)]));
  const following = new Map(
    blocks.map((block): [MachineBlock, Local[]] => [
      block,
      successorsOf(block).flatMap((next) => locals.get(next) ?? []),
    ]),
  );
  for (let changed = true; changed; ) {
    changed = false;
    for (let index = blocks.length - 1; index >= 0; index--) {
      const block = blocks[index];
      const local = block === undefined ? undefined : locals.get(block);
      if (block !== undefined && local !== undefined && update(local, following.get(block) ?? [])) changed = true;
    }
  }
  return new Map([...locals].map(([block, { out }]) => [block, members(out)]));
}
