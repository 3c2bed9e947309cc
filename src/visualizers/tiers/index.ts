import { hex, type Visualizer } from '../visualizer.ts';

/** It asks how the code runs that one looks at. */
export const visualizer: Visualizer<undefined> = {
  name: 'tiers',
  title: 'Code tiers',
  listens: [],
  empty: () => undefined,
  update: () => undefined,
  describe: (_, { state }) => {
    const hart = state?.harts[state.running];
    return hart === undefined ? 'No state yet.' : `The code at ${hex(hart.pc)} is looked at.`;
  },
};
