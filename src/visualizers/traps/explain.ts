/** A crossing in a sentence, built from the event alone. */
import { causeOf } from '../../engine/isa/causes.ts';
import { modeName } from '../../engine/isa/privilege.ts';
import { hex } from '../visualizer.ts';
import type { Crossing } from './model.ts';

const pageFaults = [12, 13, 15];
const accessFaults = [1, 5, 7];

export function explainCrossing(crossing: Crossing, symbolize: (address: bigint) => string): string {
  const { kind, position, from, to, cause, interrupt, pc, target, tval } = crossing;
  const at = `At step ${position.toLocaleString('en')}`;
  if (kind === 'return') {
    return `${at}, ${modeName(from)}-mode returned from ${symbolize(pc)} to ${modeName(to)}-mode, at ${symbolize(target)}.`;
  }
  const title = causeOf(cause, interrupt).title.toLowerCase();
  const handler = `${modeName(to)}-mode took it at ${symbolize(target)}`;
  if (interrupt) return `${at}, before ${symbolize(pc)} in ${modeName(from)}-mode: ${title}. ${handler}.`;
  const about = [...pageFaults, ...accessFaults].includes(cause) ? ` at address ${hex(tval)}` : '';
  return `${at}, ${symbolize(pc)} in ${modeName(from)}-mode raised: ${title}${about}. ${handler}.`;
}
