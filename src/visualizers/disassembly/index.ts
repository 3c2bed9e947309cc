import { hex, type Visualizer } from '../visualizer.ts';

/** It asks about the code around the pc. */
export const visualizer: Visualizer<undefined> = {
  name: 'disassembly',
  title: 'Disassembly',
  sides: true,
  listens: [],
  empty: () => undefined,
  update: () => undefined,
  describe: (_, { state }) => {
    const hart = state?.harts[state.running];
    return hart === undefined ? 'No state yet.' : `The next instruction is at ${hex(hart.pc)}.`;
  },
};
