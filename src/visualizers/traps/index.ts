import type { Visualizer } from '../visualizer.ts';
import { emptyTraps, ledgerRows, type TrapsModel, updateTraps } from './model.ts';

export { default as View } from './View.svelte';

export const visualizer: Visualizer<TrapsModel> = {
  name: 'traps',
  title: 'Traps',
  listens: ['trap', 'return'],
  empty: () => ({ ...emptyTraps, crossings: [] }),
  update: updateTraps,
  describe: (model, { tip }) => `${model.total} traps of ${ledgerRows(model).length} kinds in ${tip} steps.`,
};
