import type { Visualizer } from '../visualizer.ts';
import { accessText, type DevicesModel, emptyDevices, updateDevices } from './model.ts';

export const visualizer: Visualizer<DevicesModel> = {
  name: 'devices',
  title: 'Devices',
  sides: true,
  listens: ['device'],
  empty: emptyDevices,
  update: updateDevices,
  describe: ({ accesses }) => {
    let [loads, stores, last] = [0, 0, 0];
    for (const each of accesses.values()) {
      loads += each.loads;
      stores += each.stores;
      last = Math.max(last, each.last);
    }
    if (accesses.size === 0) return 'No device was reached yet.';
    return `${accesses.size} device registers were reached by ${accessText({ loads, stores, last })}.`;
  },
};
