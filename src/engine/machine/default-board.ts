/** The board where nobody asks for another one; apart from the machine, for whoever only wants to say so. */
import { defaultCosts } from './costs.ts';
import type { BoardConfig } from './types.ts';

export const defaultBoard: BoardConfig = {
  ram: 16 * 2 ** 20,
  tlb: { instruction: 16, data: 16 },
  costs: defaultCosts,
};
