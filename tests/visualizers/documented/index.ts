import type { Visualizer } from '../../../src/visualizers/visualizer.ts';
import { type CausesModel, updateCauses } from './model.ts';

export const visualizer: Visualizer<CausesModel> = {
  name: 'causes',
  title: 'Causes',
  listens: ['trap'],
  empty: () => new Map(),
  update: updateCauses,
  describe: (model) => `Different causes of traps so far: ${model.size}.`,
};
