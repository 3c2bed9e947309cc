import type { Visualizer } from '../../../src/visualizers/visualizer.ts';
import { emptyRhythm, type RhythmModel, updateRhythm } from './model.ts';

export const visualizer: Visualizer<RhythmModel> = {
  name: 'rhythm',
  title: 'Rhythm of traps',
  listens: ['trap'],
  empty: () => emptyRhythm,
  update: updateRhythm,
  describe: ({ counts }, { tip }) => `${counts.reduce((sum, each) => sum + each)} traps in ${tip} steps.`,
};
