import type { Visualizer } from '../visualizer.ts';
import { emptyMemoryMap, type MemoryMapModel, updateMemoryMap } from './model.ts';
import { choicesOf } from './spaces.ts';

export const visualizer: Visualizer<MemoryMapModel> = {
  name: 'memory-map',
  title: 'Memory map',
  sides: true,
  listens: ['csr', 'walk'],
  empty: () => emptyMemoryMap,
  update: updateMemoryMap,
  describe: ({ spaces }, { state, position }) => {
    const hart = state?.harts[state.running];
    if (hart === undefined) return 'No state yet.';
    const seen = spaces.filter((space) => space.position < position);
    const [first] = choicesOf(hart, seen);
    return first === undefined ? 'No address space yet.' : `${first.title}; ${seen.length} address spaces so far.`;
  },
};
