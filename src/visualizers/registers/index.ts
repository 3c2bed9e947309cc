import { modeName } from '../../engine/isa/privilege.ts';
import { hex, type Visualizer } from '../visualizer.ts';
import { hartMoment, registerCells } from './model.ts';

/** It shows the state alone. */
export const visualizer: Visualizer<undefined> = {
  name: 'registers',
  title: 'Registers',
  sides: true,
  listens: [],
  empty: () => undefined,
  update: () => undefined,
  describe: (_, moment) => {
    const { hart, old } = hartMoment(moment, moment.state?.running ?? 0);
    if (hart === undefined) return 'No state yet.';
    const changed = registerCells({ hart, old }).filter((cell) => cell.changed);
    const names = changed.length === 0 ? 'no register' : changed.map(({ name }) => name).join(', ');
    return `The pc is ${hex(hart.pc)}, in ${modeName(hart.mode)}; since the stop before, ${names} changed.`;
  },
};
