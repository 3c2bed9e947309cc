/** What lies where in physical memory: the board's devices, its RAM, and what the program was loaded to. */
import type { Image } from '../engine/image.ts';
import type { Place } from '../engine/inspection.ts';
import { memoryMap, ramBase, virtioSlots } from '../engine/machine/memory-map.ts';
import type { Machine } from '../engine/machine/types.ts';

const names: Readonly<Record<keyof typeof memoryMap, string>> = {
  rom: 'ROM',
  finisher: 'test finisher',
  rtc: 'real-time clock',
  clint: 'CLINT',
  plic: 'PLIC',
  uart: 'UART',
  virtio: 'virtio',
};

export function placesOf(machine: Machine, { segments }: Image): Place[] {
  const devices = Object.entries(memoryMap).map(([part, { base, size }]): Place => {
    const bytes = BigInt(part === 'virtio' ? virtioSlots * size : size);
    return { ...at(BigInt(base), bytes), kind: 'device', name: names[part as keyof typeof memoryMap] };
  });
  const ram: Place = { ...at(BigInt(ramBase), BigInt(machine.ramBytes)), kind: 'ram', name: 'RAM' };
  const loaded = segments.map(
    ({ physical, virtual, size }): Place => ({
      ...at(BigInt(physical), BigInt(size)),
      kind: 'segment',
      name: '',
      linked: virtual,
    }),
  );
  return [...devices, ram, ...loaded];
}

const at = (physical: bigint, bytes: bigint): Pick<Place, 'physical' | 'bytes' | 'linked'> => ({
  physical,
  bytes,
  linked: physical,
});
