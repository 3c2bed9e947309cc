/**
 * An Astro integration: once the site is built, writes the service worker with the list of its files, and their hash as
 * its version. (The library that is usual for this brings three hundred packages for these fifty lines.)
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const template = new URL('../src/offline/service-worker.js', import.meta.url);

/** Paths of all files with forward slashes; a page goes by the address of its folder. */
function filesOf(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

const addressOf = (path) => path.replace(/(^|\/)index\.html$/, '$1') || './';

export function serviceWorkerOf(folder) {
  const hash = createHash('sha256');
  const files = filesOf(folder);
  for (const path of files) hash.update(path).update(readFileSync(join(folder, path)));
  const version = hash.digest('hex').slice(0, 16);
  return readFileSync(template, 'utf8')
    .replace("/* version */ ''", JSON.stringify(version))
    .replace('/* files */ []', JSON.stringify(files.map(addressOf), undefined, 2));
}

export const offline = () => ({
  name: 'offline',
  hooks: {
    'astro:build:done': ({ dir }) => {
      const folder = fileURLToPath(dir);
      writeFileSync(join(folder, 'service-worker.js'), serviceWorkerOf(folder));
    },
  },
});
