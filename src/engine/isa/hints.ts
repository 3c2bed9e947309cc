/**
 * Hints with a name: they change nothing on any machine. Each lies inside of another row's encoding (`fence`, `ori`).
 * Unprivileged Spec 20240411, chapters "Zihintpause" and "CMO". The hints of Zihintntl are spellings of `add`.
 */
import { type Instruction, rowsOf } from './instruction.ts';

const zihintpause = rowsOf('Zihintpause');
const zicbop = rowsOf('Zicbop');

const prefetch = (letter: string, selector: string, what: string): Instruction =>
  zicbop(
    `prefetch.${letter} imm(rs1)`,
    `imm[11:5] ${selector} rs1 110 00000 0010011`,
    {},
    `Says that ${what} soon; the offset is a multiple of 32.`,
  );

export const hints: readonly Instruction[] = [
  zihintpause('pause', '0000 0001 0000 00000 000 00000 0001111', {}, 'A hint that the hart waits in a loop.'),
  prefetch('i', '00000', 'a cache block will be executed'),
  prefetch('r', '00001', 'a cache block will be read'),
  prefetch('w', '00011', 'a cache block will be written'),
];
