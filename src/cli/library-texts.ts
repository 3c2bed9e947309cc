/** The guest library's sources, as the commands read them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isLibraryFile, type LibraryTexts } from '../labs/guest-library.ts';

export const libraryFolder = fileURLToPath(new URL('../../content/guests/rt', import.meta.url));

export function readLibraryTexts(): LibraryTexts {
  const names = readdirSync(libraryFolder).filter(isLibraryFile);
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(libraryFolder, name), 'utf8')]));
}
