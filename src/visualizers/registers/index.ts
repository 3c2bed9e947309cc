import { hex, type Visualizer } from '../visualizer.ts';
import { emptyRegisters, observeRegisters, type RegistersModel } from './model.ts';

export { default as View } from './View.svelte';

export const visualizer: Visualizer<RegistersModel> = {
  name: 'registers',
  title: 'Registers',
  listens: [],
  empty: () => emptyRegisters,
  update: (model) => model,
  observe: observeRegisters,
  describe: ({ now }) => (now === undefined ? 'No state yet.' : `The pc is ${hex(now.harts[0]?.pc ?? 0n)}.`),
};
