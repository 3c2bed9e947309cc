import type { Visualizer } from '../visualizer.ts';

export { default as View } from './View.svelte';

export const visualizer: Visualizer<undefined> = {
  name: 'devices',
  title: 'devices',
  listens: [],
  empty: () => undefined,
  update: () => undefined,
  describe: () => '',
};
