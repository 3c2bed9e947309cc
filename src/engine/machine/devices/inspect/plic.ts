/** The PLIC as a switchboard: sources, contexts, and which source may interrupt whom. */
import { M, S } from '../../../isa/privilege.ts';
import type { DeviceState } from '../../../state.ts';
import { type Plic, type PlicState, plicSources } from '../plic.ts';
import { deviceState, register } from './describe.ts';

const bit = (set: Uint32Array | undefined, index: number): boolean =>
  (((set?.[index >> 5] ?? 0) >>> (index & 31)) & 1) === 1;

/** `names`: the devices by their source. Sources without a device are told of only where somebody has set them up. */
export function inspectPlic(plic: Plic, names: ReadonlyMap<number, string>): DeviceState {
  const state = plic.save();
  const numbers = Array.from({ length: plicSources }, (_, source) => source);
  const contexts = Array.from(state.thresholds, (threshold, context) => ({
    hart: context >> 1,
    mode: context % 2 === 0 ? M : S,
    threshold,
    interrupting: plic.interrupting(context),
  }));
  return deviceState(plic, {
    title: 'PLIC: interrupts of devices',
    registers: contexts.map(({ hart, mode, threshold }, context) =>
      register(
        `threshold ${context}`,
        0x20_0000 + 0x1000 * context,
        4,
        threshold,
        `only higher priorities interrupt hart ${hart} in ${mode === M ? 'M' : 'S'}-mode`,
      ),
    ),
    sources: numbers
      .filter((source) => names.has(source) || isUsed(state, source))
      .map((source) => ({
        source,
        device: names.get(source) ?? '',
        priority: state.priority[source] ?? 0,
        high: bit(state.level, source),
        pending: bit(state.pending, source),
        claimed: bit(state.claimed, source),
        enabled: state.enables.map((enable) => bit(enable, source)),
      })),
    contexts,
  });
}

const isUsed = ({ priority, enables, pending }: PlicState, source: number): boolean =>
  (priority[source] ?? 0) > 0 || bit(pending, source) || enables.some((enable) => bit(enable, source));
