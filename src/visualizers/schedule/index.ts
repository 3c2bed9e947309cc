import type { Visualizer } from '../visualizer.ts';
import { describeSchedule } from './explain.ts';
import { markerKinds } from './labels.ts';
import { emptySchedule, type ScheduleModel, updateSchedule } from './model.ts';

export { default as View } from './View.svelte';

export const visualizer: Visualizer<ScheduleModel> = {
  name: 'schedule',
  title: 'Scheduling',
  listens: ['trap', 'return', 'csr', 'wait', ...markerKinds],
  empty: emptySchedule,
  update: updateSchedule,
  describe: describeSchedule,
};
