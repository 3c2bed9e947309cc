import { hex, type Visualizer } from '../visualizer.ts';

export { default as View } from './View.svelte';

/** It shows the state alone. */
export const visualizer: Visualizer<undefined> = {
  name: 'registers',
  title: 'Registers',
  listens: [],
  empty: () => undefined,
  update: () => undefined,
  describe: (_, { state }) => (state === undefined ? 'No state yet.' : `The pc is ${hex(state.harts[0]?.pc ?? 0n)}.`),
};
