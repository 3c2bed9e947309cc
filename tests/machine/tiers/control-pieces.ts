/** Branches, jumps, calls, and stores over instructions, as lines of assembly. */
import fc from 'fast-check';
import { pool } from './frame.ts';
import { type Piece, patchWord } from './instruction-pieces.ts';
import { alias, places } from './places.ts';

const register = fc.constantFrom(...pool).map((number) => `x${number}`);
const shortRegister = fc.constantFrom(8, 9, 10, 11).map((number) => `x${number}`);
const ahead = fc.integer({ min: 1, max: 6 }).map((count) => `@+${count}`);

const conditions = ['beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu'];
const branch = fc
  .tuple(fc.constantFrom(...conditions), register, register, ahead)
  .map(([name, a, b, target]) => `${name} ${a}, ${b}, ${target}`);
const shortBranch = fc
  .tuple(fc.constantFrom('c.beqz', 'c.bnez'), shortRegister)
  .map(([name, tested]) => `${name} ${tested}, @+1`);

const jumps = [
  'jal x0, #',
  'c.j #',
  'la t3, #\njr t3',
  'la t3, #\njalr t3, t3',
  'la t3, #\nc.jr t3',
  'la t3, # + 1\njr t3',
];
const jump = fc.tuple(fc.constantFrom(...jumps), ahead).map(([text, target]) => text.replace('#', target));

/** By a register's low bits, into one of four pieces. */
const table = fc
  .tuple(register, fc.array(ahead, { minLength: 4, maxLength: 4 }))
  .map(([index, targets]) =>
    [
      `andi t3, ${index}, 3`,
      'la t4, table@~',
      'sh2add t3, t3, t4',
      'jr t3',
      `table@~: ${targets.map((target) => `j ${target}`).join('\n')}`,
    ].join('\n'),
  );

const calls = ['call f@%', 'la t3, f@%\njalr t3', 'la t3, f@%\nc.jalr t3', 'la ra, f@%\njalr ra, ra', 'jal t0, f@%'];
export const call = fc
  .tuple(fc.constantFrom(...calls), fc.nat(1))
  .map(([text, which]) => text.replace('@%', String(which)));

/** On by the code's other mapping, and back. */
const other = ahead.map((target) => `la t3, ${target}\nli t4, ${alias}\nadd t3, t3, t4\njr t3`);
const home = ahead.map((target) => `la t3, ${target}\nslli t3, t3, 34\nsrli t3, t3, 34\nbseti t3, t3, 31\njr t3`);
const lost = fc.constantFrom('s6', 's4', 'x0', 't0').map((pointer) => `la s7, @+1\njr ${pointer}`);
const recovery = fc.constant('la s7, @+0');

/** What may stand in a function as well, which has no place to keep its return address. */
export const flow = fc.oneof(
  { weight: 4, arbitrary: branch },
  { weight: 1, arbitrary: shortBranch },
  { weight: 3, arbitrary: jump },
  { weight: 2, arbitrary: table },
  { weight: 2, arbitrary: other },
  { weight: 1, arbitrary: home },
  { weight: 1, arbitrary: recovery },
  { weight: 1, arbitrary: lost },
);

/** An instruction that stores may change. Its copy, where pages are remapped, is another one. */
const slotWord = fc.constantFrom(
  'addi a0, a0, 1',
  'xori a1, a1, 5',
  'add a2, a2, a0',
  'sub a3, a3, a1',
  'slli a4, a2, 1',
);
const slotAt = (text: Piece): Piece => `slot@=: ${text}`;
export const slot = slotWord.map(slotAt);

const target = fc
  .tuple(fc.nat(7), fc.boolean())
  .map(([index, byAlias]) => (byAlias ? `la t3, @#${index}\nli t5, ${alias}\nadd t3, t3, t5` : `la t3, @#${index}`));
const unsigned = (word: number): number => word >>> 0;
/** Counts an immediate, or a register's number, up: another instruction each time. */
const countsUp = [0x10_0000, 0x80].map((step) => `lw t4, (t3)\nli t5, ${step}\nadd t4, t4, t5\nsw t4, (t3)`);

const change = patchWord.chain((word) =>
  fc.constantFrom(
    `li t4, ${word | 0}\nsw t4, (t3)`,
    `li t4, ${word | 0}\nlw t5, (t3)\nxor t4, t4, t5\nsw t4, (t3)`,
    `li t4, ${unsigned(word) & 0xffff}\nsh t4, (t3)`,
    `li t4, ${unsigned(word) >>> 24}\nsb t4, 3(t3)`,
    `li t4, ${word | 0}\namoswap.w t4, t4, (t3)`,
    ...countsUp,
    ...countsUp,
    'lw t4, 2(t3)\nlw t5, -2(t3)\nsw t4, 2(t3)\nsw t5, -2(t3)',
  ),
);
const fence = fc.constantFrom('', '', '\nfence.i');
const patch = fc.tuple(target, change, fence).map((parts) => `${parts[0]}\n${parts[1]}${parts[2]}`);
/** The very next instruction. */
const patchNext = fc
  .tuple(change, fence, slotWord)
  .map(([text, after, word]) => `la t3, slot@=\n${text}${after}\n${slotAt(word)}`);

export const patching = fc.oneof(patch, patch, patchNext);

const retry = fc
  .constantFrom('w', 'd')
  .map((width) => `again@~: lr.${width} t3, (s4)\naddi t3, t3, 1\nsc.${width} t4, t3, (s4)\nbnez t4, again@~`);
const locked = fc.constant(`li t3, ${places.data + 0x7f8}\nlr.d t4, (t3)\nadd t4, t4, a0\nsc.d a0, t4, (t3)`);

export const reserved = fc.oneof(retry, locked);
