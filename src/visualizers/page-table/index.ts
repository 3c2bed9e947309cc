import type { Visualizer } from '../visualizer.ts';
import { verdictOf } from './layout.ts';
import { emptyPageTable, type PageTableModel, updatePageTable } from './model.ts';

export { default as View } from './View.svelte';

export const visualizer: Visualizer<PageTableModel> = {
  name: 'page-table',
  title: 'Page tables',
  listens: ['entry', 'walk', 'fill'],
  empty: () => emptyPageTable,
  update: updatePageTable,
  describe: ({ walks, counts }) => {
    const last = walks.at(-1);
    return last === undefined ? 'No walk yet.' : `${counts.walks} walks; the last: ${verdictOf(last)}`;
  },
};
