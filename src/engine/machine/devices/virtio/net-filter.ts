/** Which frames a network device lets in. Virtio 1.3 §5.1.6.5.1 and §5.1.6.5.2. */

export interface FilterState {
  readonly promiscuous: boolean;
  readonly allMulticast: boolean;
  readonly noMulticast: boolean;
  readonly allUnicast: boolean;
  readonly noUnicast: boolean;
  readonly noBroadcast: boolean;
  /** Addresses beside the device's own, as text of twelve hexadecimal digits. */
  readonly table: readonly string[];
}

export const openFilter: FilterState = {
  promiscuous: false,
  allMulticast: false,
  noMulticast: false,
  allUnicast: false,
  noUnicast: false,
  noBroadcast: false,
  table: [],
};

export const macBytes = 6;
const macText = (bytes: Uint8Array): string =>
  Array.from(bytes.subarray(0, macBytes), (byte) => byte.toString(16).padStart(2, '0')).join('');

const broadcast = 'ffffffffffff';

/** `frame` begins with its destination; `own` is the device's address. */
export function admits(filter: FilterState, own: Uint8Array, frame: Uint8Array): boolean {
  if (filter.promiscuous) return true;
  const destination = macText(frame);
  if (destination === broadcast) return !filter.noBroadcast;
  const listed = filter.table.includes(destination);
  if ((frame[0] ?? 0) & 1) return !filter.noMulticast && (filter.allMulticast || listed);
  return !filter.noUnicast && (filter.allUnicast || listed || destination === macText(own));
}

/** The commands of class VIRTIO_NET_CTRL_RX, by their number. */
const modes = ['promiscuous', 'allMulticast', 'allUnicast', 'noMulticast', 'noUnicast', 'noBroadcast'] as const;

/** Undefined for a command that does not exist or has no data. */
export function withMode(filter: FilterState, command: number, data: Uint8Array): FilterState | undefined {
  const mode = modes[command];
  return mode === undefined || data.length !== 1 ? undefined : { ...filter, [mode]: data[0] !== 0 };
}

/** VIRTIO_NET_CTRL_MAC_TABLE_SET: two tables, unicast then multicast, each a count and its addresses. */
export function withTable(filter: FilterState, data: Uint8Array): FilterState | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const table: string[] = [];
  let at = 0;
  for (let part = 0; part < 2; part++) {
    if (at + 4 > data.length) return undefined;
    const end = at + 4 + macBytes * view.getUint32(at, true);
    if (end > data.length) return undefined;
    for (at += 4; at < end; at += macBytes) table.push(macText(data.subarray(at, at + macBytes)));
  }
  return at === data.length ? { ...filter, table } : undefined;
}
