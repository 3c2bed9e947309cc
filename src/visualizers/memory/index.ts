import type { Visualizer } from '../visualizer.ts';

export { default as View } from './View.svelte';

export const visualizer: Visualizer<undefined> = {
  name: 'memory',
  title: 'memory',
  listens: [],
  empty: () => undefined,
  update: () => undefined,
  describe: () => '',
};
