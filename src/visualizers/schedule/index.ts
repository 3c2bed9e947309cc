import type { Visualizer } from '../visualizer.ts';
import { describeSchedule } from './explain.ts';
import { emptySchedule, updateSchedule } from './model.ts';
import type { ScheduleModels } from './models.ts';

export const visualizer: Visualizer<ScheduleModels> = {
  name: 'schedule',
  title: 'Scheduling',
  listens: ['trap', 'return', 'csr', 'wait', 'marker'],
  empty: () => ({ whole: emptySchedule(), inside: emptySchedule(true) }),
  update: ({ whole, inside }, batch) => ({
    whole: updateSchedule(whole, batch),
    inside: updateSchedule(inside, batch),
  }),
  describe: ({ whole }) => describeSchedule(whole),
};
