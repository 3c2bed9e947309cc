/** Which files the firmware is made of; apart from its building, for pages that only show them. */

/** The first one begins with the entry. */
export const firmwareFiles = [
  'start.S',
  'trap.S',
  'base.S',
  'console.S',
  'memory.S',
  'harts.S',
  'remote.S',
  'layout.inc',
] as const;

export type FirmwareTexts = Readonly<Record<(typeof firmwareFiles)[number], string>>;

/** They stand in a folder beside a program's: both may have a `trap.S`. */
export const inFirmwareFolder = (file: string): string => `firmware/${file}`;
