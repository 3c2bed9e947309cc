import type { Visualizer } from '../visualizer.ts';

export { default as View } from './View.svelte';

export const visualizer: Visualizer<undefined> = {
  name: 'profile',
  title: 'profile',
  listens: [],
  empty: () => undefined,
  update: () => undefined,
  describe: () => '',
};
