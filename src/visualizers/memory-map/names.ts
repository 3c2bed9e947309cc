/** What lies at a physical address, for people. */
import type { Place } from '../../engine/inspection.ts';

export function nameOf(physical: bigint, places: readonly Place[], symbolize: (address: bigint) => string): string {
  const holding = (kind: Place['kind']): Place | undefined =>
    places.find(
      (place) => place.kind === kind && place.physical <= physical && physical < place.physical + place.bytes,
    );
  const device = holding('device');
  if (device !== undefined) return device.name;
  const loaded = holding('segment');
  if (loaded !== undefined) return symbolize(loaded.linked + (physical - loaded.physical));
  return holding('ram') === undefined ? 'no memory' : 'RAM';
}
