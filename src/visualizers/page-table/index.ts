import type { Visualizer } from '../visualizer.ts';
import { emptyPageTable, neighbour, type PageTableModel, translationAt, updatePageTable } from './model.ts';
import { verdictOf } from './verdict.ts';

export const visualizer: Visualizer<PageTableModel> = {
  name: 'page-table',
  title: 'Page tables',
  sides: true,
  listens: ['entry', 'walk', 'fill', 'trap'],
  empty: emptyPageTable,
  update: updatePageTable,
  describe: (model, { position }) => {
    const count = model.log.before(position);
    const number = neighbour(model, count, -1, count, false);
    const last = number === undefined ? undefined : translationAt(model, number);
    return last === undefined ? 'No walk yet.' : `${count.toLocaleString('en')} walks; the last: ${verdictOf(last)}`;
  },
};
