/** Who wrote memory: an instruction, a page-table walk that set A or D, or a device. */
import type { WatchedBy } from '../engine/machine/watches.ts';

const devices: Readonly<Record<string, string>> = {
  block: 'disk',
  console: 'console',
  entropy: 'entropy source',
  net: 'network card',
};

/** `virtio0-block` is the disk. */
function deviceTitle(name: string): string {
  const title = devices[name.split('-').at(-1) ?? ''];
  return title === undefined ? name : `${title} (${name})`;
}

/** What is next, where one has come back to before a write. */
export function sayNextWrite(by: WatchedBy): string {
  if (by === 'instruction') return 'Before the instruction that wrote it.';
  if (by === 'walk') return 'Before the page-table walk that set A or D in it, for the next instruction.';
  return `Before the ${deviceTitle(by.device)} writes it.`;
}

export function sayAccess(by: WatchedBy, access: string, what: string): string {
  if (by === 'instruction') return `After a ${access} to ${what}.`;
  if (by === 'walk') return `After a page-table walk set A or D in ${what}.`;
  return `After the ${deviceTitle(by.device)} wrote to ${what}.`;
}
