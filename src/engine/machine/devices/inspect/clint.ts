/** The CLINT's registers in words. */
import type { DeviceRegister, DeviceState } from '../../../state.ts';
import type { Clint } from '../clint.ts';
import { deviceState, register } from './describe.ts';

/** At reset the timers are as far away as can be. */
const never = 0xffff_ffff_ffff_ffffn;

/** `cycle`: the time at which one looks. */
export function inspectClint(clint: Clint, harts: number, cycle: number): DeviceState {
  const time = BigInt(clint.timeAt(cycle));
  const { compare } = clint.save();
  const of = (hart: number): DeviceRegister[] => {
    const limit = (BigInt(compare[2 * hart + 1] ?? 0) << 32n) | BigInt(compare[2 * hart] ?? 0);
    const pending = clint.softwareOf(hart);
    return [
      register(
        `msip ${hart}`,
        4 * hart,
        4,
        pending ? 1 : 0,
        `software interrupt of hart ${hart}`,
        pending ? 'rings' : '',
      ),
      register(
        `mtimecmp ${hart}`,
        0x4000 + 8 * hart,
        8,
        limit,
        `when the timer of hart ${hart} is due`,
        dueText(limit, time),
      ),
    ];
  };
  return deviceState(clint, {
    title: 'CLINT: timers and software interrupts',
    registers: [
      ...Array.from({ length: harts }, (_, hart) => of(hart)).flat(),
      register('mtime', 0xbff8, 8, time, 'ticks of 10 MHz since reset'),
    ],
  });
}

function dueText(limit: bigint, time: bigint): string {
  if (limit === never) return 'never';
  return limit <= time ? 'due' : `in ${(limit - time).toLocaleString('en')} ticks`;
}
