/** The real-time clock and the test finisher in words. */
import type { DeviceState } from '../../../state.ts';
import type { Finisher } from '../finisher.ts';
import type { Rtc } from '../rtc.ts';
import { deviceState, register } from './describe.ts';

const low = (value: bigint): bigint => value & 0xffff_ffffn;
const nanosecondsPerMillisecond = 1_000_000n;
/** Later than that no calendar of the host goes. */
const latest = 8_640_000_000_000_000n;

function dateText(time: bigint): string {
  const milliseconds = time / nanosecondsPerMillisecond;
  return milliseconds > latest ? 'beyond all calendars' : new Date(Number(milliseconds)).toISOString();
}

export function inspectRtc(rtc: Rtc): DeviceState {
  const { alarm, armed, pending, enabled, latched } = rtc.save();
  const { time } = rtc;
  return deviceState(rtc, {
    title: 'RTC: the time of day, Goldfish',
    registers: [
      register('TIME_LOW', 0x00, 4, low(time), 'ns since 1970; a load latches the high half', dateText(time)),
      register('TIME_HIGH', 0x04, 4, latched, 'high half, as it was when the low one was loaded'),
      register(
        'ALARM_LOW',
        0x08,
        4,
        low(alarm),
        'when it rings; a store arms it',
        armed ? dateText(alarm) : 'no alarm',
      ),
      register('ALARM_HIGH', 0x0c, 4, alarm >> 32n, 'high half of the alarm; to be stored first'),
      register('IRQ_ENABLED', 0x10, 4, enabled ? 1 : 0, 'whether it interrupts', enabled ? 'yes' : 'no'),
      register('ALARM_STATUS', 0x18, 4, armed ? 1 : 0, 'whether an alarm is set', armed ? 'yes' : 'no'),
    ],
    notes: pending ? ['It has rung, and nobody has cleared that.'] : [],
  });
}

export const inspectFinisher = (finisher: Finisher): DeviceState =>
  deviceState(finisher, {
    title: 'Test finisher',
    registers: [
      register(
        'finish',
        0,
        4,
        0,
        'store 0x5555 to end the run, code << 16 | 0x3333 to end it as failed, 0x7777 to ask for a reset',
      ),
    ],
  });
