/** All devices of a board as plain data, in the order of their addresses. Looking changes nothing. */
import type { DeviceState } from '../../../state.ts';
import { interrupts } from '../../memory-map.ts';
import type { Clint } from '../clint.ts';
import type { Devices } from '../devices.ts';
import { Finisher } from '../finisher.ts';
import { Rtc } from '../rtc.ts';
import { VirtioSlot } from '../virtio/slot.ts';
import { inspectClint } from './clint.ts';
import { inspectFinisher, inspectRtc } from './clock.ts';
import { inspectPlic } from './plic.ts';
import { inspectUart } from './uart.ts';
import { inspectVirtio } from './virtio.ts';

export function inspectDevices(clint: Clint, devices: Devices, harts: number, cycle: number): DeviceState[] {
  const { uart, plic, list } = devices;
  const slots = list.filter((device) => device instanceof VirtioSlot);
  const virtio = slots.map(inspectVirtio);
  const filled = slots.filter((_, index) => (virtio[index]?.queues.length ?? 0) > 0);
  const names = new Map<number, string>([
    ...filled.map((slot) => [slot.interrupt, slot.name] as const),
    [interrupts.uart, uart.name],
    [interrupts.rtc, 'rtc'],
  ]);
  const others = list.flatMap((device) => {
    if (device instanceof Finisher) return [inspectFinisher(device)];
    return device instanceof Rtc ? [inspectRtc(device)] : [];
  });
  const all = [inspectClint(clint, harts, cycle), inspectPlic(plic, names), inspectUart(uart), ...others, ...virtio];
  return all.sort((a, b) => a.base - b.base);
}
