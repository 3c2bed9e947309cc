/** The firmware's sources, as lessons and the workbench boot it. Read while the site is built. */
import { type FirmwareTexts, firmwareFiles } from '../labs/firmware.ts';

const texts = import.meta.glob<string>('/content/guests/firmware/*', { query: '?raw', import: 'default', eager: true });

export function loadFirmware(): FirmwareTexts {
  const entries = firmwareFiles.map((name) => [name, texts[`/content/guests/firmware/${name}`] ?? '']);
  return Object.fromEntries(entries) as FirmwareTexts;
}
