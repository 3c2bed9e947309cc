import type { Visualizer } from '../visualizer.ts';

/** It shows what a replay found; what it says of that stands in the view itself. */
export const visualizer: Visualizer<undefined> = {
  name: 'profile',
  title: 'Profile',
  listens: [],
  empty: () => undefined,
  update: () => undefined,
  describe: (_, { tip }) => `A profile can be made of ${tip.toLocaleString('en')} steps.`,
};
