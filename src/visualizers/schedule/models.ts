import type { ScheduleModel } from './model.ts';

/** The same run twice: virtual machines as a whole, and looked into. */
export interface ScheduleModels {
  readonly whole: ScheduleModel;
  readonly inside: ScheduleModel;
}
