import { causeOf } from '../../engine/isa/causes.ts';
import type { Visualizer } from '../visualizer.ts';
import { ledgerRows } from './ledger.ts';
import { emptyTraps, type TrapsModel, updateTraps } from './model.ts';

function describe({ ledger, total }: TrapsModel, tip: number): string {
  const [most] = ledgerRows(ledger);
  if (most === undefined) return 'No trap yet.';
  const cycles = ledger.rows.reduce((sum, row) => sum + row.cycles, 0);
  const title = causeOf(most.cause, most.interrupt).title.toLowerCase();
  return `${total} traps of ${ledger.rows.length} kinds in ${tip} steps, with ${cycles} cycles in their handlers; the most frequent, ${most.count} times: ${title}.`;
}

export const visualizer: Visualizer<TrapsModel> = {
  name: 'traps',
  title: 'Traps',
  sides: true,
  listens: ['trap', 'return', 'csr', 'wait', 'marker'],
  empty: emptyTraps,
  update: updateTraps,
  describe: (model, { tip }) => describe(model, tip),
};
