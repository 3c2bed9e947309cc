import type { Lesson } from '../../src/labs/lesson.ts';
import { defaultMachine } from '../../src/labs/machine-settings.ts';

/** A lesson of one file and one run, in which nothing is asked. */
export const smallLesson: Lesson = {
  slug: '01-a',
  title: 'A',
  summary: 'a',
  version: 1,
  minutes: 1,
  machine: { ...defaultMachine, ram: 2 ** 20 },
  files: [{ name: 'a.S', mode: 'edit', text: 'start' }],
  runs: [{ name: 'main', budget: 100, define: {} }],
  checks: [],
  wrong: [],
  cells: [],
  measures: [],
};
