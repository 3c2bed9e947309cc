import type { Visualizer } from '../visualizer.ts';
import { describeSchedule } from './explain.ts';
import { markerKinds } from './labels.ts';
import { emptySchedule, updateSchedule } from './model.ts';
import type { ScheduleModels } from './models.ts';

export const visualizer: Visualizer<ScheduleModels> = {
  name: 'schedule',
  title: 'Scheduling',
  listens: ['trap', 'return', 'csr', 'wait', ...markerKinds],
  empty: () => ({ whole: emptySchedule(), inside: emptySchedule(true) }),
  update: ({ whole, inside }, batch) => ({
    whole: updateSchedule(whole, batch),
    inside: updateSchedule(inside, batch),
  }),
  describe: ({ whole }) => describeSchedule(whole),
};
