import type { Visualizer } from '../visualizer.ts';
import { emptyTlb, type TlbModel, updateTlb } from './model.ts';

export const visualizer: Visualizer<TlbModel> = {
  name: 'tlb',
  title: 'TLB',
  sides: true,
  listens: ['fill', 'fence'],
  empty: emptyTlb,
  update: updateTlb,
  describe: ({ logs }, { state, position }) => {
    const hart = state?.harts[state.running];
    if (hart === undefined) return 'No state yet.';
    const { instruction, data } = hart.tlb;
    const fills = logs.instruction.between(0, position) + logs.data.between(0, position);
    return `${instruction.length} instruction and ${data.length} data entries, after ${fills} fills so far.`;
  },
};
