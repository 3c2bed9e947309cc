import { hex, type Visualizer } from '../visualizer.ts';

/** It asks about the state, as far as one looks at it. */
export const visualizer: Visualizer<undefined> = {
  name: 'memory',
  title: 'Memory',
  sides: true,
  listens: [],
  empty: () => undefined,
  update: () => undefined,
  describe: (_, { state }) => {
    const hart = state?.harts[state.running];
    return hart === undefined ? 'No state yet.' : `The stack pointer is ${hex(hart.registers[2] ?? 0n)}.`;
  },
};
