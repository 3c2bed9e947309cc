import type { Visualizer } from '../visualizer.ts';

/** It asks about the state, and keeps nothing of the events. */
export const visualizer: Visualizer<undefined> = {
  name: 'stack',
  title: 'Call stack',
  sides: true,
  listens: [],
  empty: () => undefined,
  update: () => undefined,
  describe: (_, { state }) =>
    state === undefined ? 'No state yet.' : 'The functions that are under way, with their variables.',
};
