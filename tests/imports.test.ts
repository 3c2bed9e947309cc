/** Who may import whom. The table is the architecture; docs/architecture.md explains it. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');

/** Places, most specific first, and the places that each may import beside itself. `npm` stands for any package. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'engine/isa': [],
  'engine/image.ts': [],
  'engine/dwarf.ts': [],
  'engine/events.ts': ['engine/isa'],
  'engine/state.ts': ['engine/isa'],
  'engine/belief.ts': [],
  'engine/inspection.ts': ['engine/events.ts', 'engine/state.ts', 'engine/belief.ts'],
  'engine/wasm': ['engine/isa'],
  'engine/toolchain': ['engine/isa', 'engine/image.ts', 'engine/dwarf.ts'],
  'engine/debug': ['engine/isa', 'engine/image.ts', 'engine/dwarf.ts'],
  'engine/machine': ['engine/isa', 'engine/image.ts', 'engine/events.ts', 'engine/state.ts', 'engine/wasm'],
  labs: [
    'engine/isa',
    'engine/belief.ts',
    'engine/debug',
    'engine/image.ts',
    'engine/events.ts',
    'engine/state.ts',
    'engine/inspection.ts',
    'engine/toolchain',
    'engine/machine',
    'npm',
  ],
  visualizers: ['engine/isa', 'engine/belief.ts', 'engine/events.ts', 'engine/state.ts', 'engine/inspection.ts', 'npm'],
  components: [
    'labs',
    'visualizers',
    'styles',
    'engine/isa',
    'engine/belief.ts',
    'engine/debug',
    'engine/image.ts',
    'engine/events.ts',
    'engine/state.ts',
    'engine/inspection.ts',
    'engine/toolchain',
    'content',
    'npm',
  ],
  layouts: ['components', 'styles', 'npm'],
  pages: ['components', 'layouts', 'labs', 'styles', 'npm'],
  cli: [
    'labs',
    'engine/isa',
    'engine/debug',
    'engine/image.ts',
    'engine/events.ts',
    'engine/state.ts',
    'engine/inspection.ts',
    'engine/toolchain',
    'engine/machine',
    'content',
    'scripts',
    'npm',
    'node',
  ],
  styles: ['npm'],
};

const placeOf = (path: string): string | undefined =>
  Object.keys(allowed).find((place) => path === place || path.startsWith(`${place}/`));

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs|svelte|astro)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The code of a file: all of it, or its front matter and scripts. */
function codeOf(path: string): string {
  const text = readFileSync(path, 'utf8');
  if (/\.(ts|mjs)$/.test(path)) return text;
  const scripts = [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, body]) => body);
  const [, frontMatter] = /^---\n([\s\S]*?)\n---/.exec(text) ?? [];
  return [frontMatter ?? '', ...scripts].join('\n');
}

/** Also what is reached by address (a worker) and by pattern (`import.meta.glob`). */
function importsOf(path: string): string[] {
  const code = codeOf(path);
  const imported = ts.preProcessFile(code, true, true).importedFiles.map(({ fileName }) => fileName);
  const addressed = [...code.matchAll(/new URL\(\s*'([^']+)',\s*import\.meta\.url/g)].map(([, url]) => url ?? '');
  const globbed = [...code.matchAll(/import\.meta\.glob(?:<[^>]*>)?\(\s*'([^']+)'/g)].map(([, glob]) => glob ?? '');
  return [...imported, ...addressed, ...globbed];
}

/** What is imported, as a place of the table, `npm` or `node`. */
function targetOf(importer: string, specifier: string): string {
  if (specifier.startsWith('node:')) return 'node';
  if (specifier.startsWith('/content/')) return 'content';
  if (!specifier.startsWith('.')) return 'npm';
  const path = posix.normalize(posix.join(dirname(importer), specifier.replace(/\?.*$/, '')));
  const outside = /^\.\.\/(content|scripts)\//.exec(path)?.[1];
  if (outside !== undefined) return outside;
  return placeOf(path) ?? path;
}

const rows = filesIn(source).flatMap((path) => {
  const importer = relative(source, path);
  return importsOf(path).map((specifier) => ({ importer, specifier, target: targetOf(importer, specifier) }));
});

describe('imports', () => {
  it('come from files that have a place in the architecture', () => {
    const homeless = filesIn(source).map((path) => relative(source, path));
    const known = (path: string): boolean => placeOf(path) !== undefined || path === 'engine/globals.d.ts';
    expect(homeless.filter((path) => !known(path))).toEqual([]);
  });

  it('go only where the architecture allows', () => {
    const forbidden = rows.filter(({ importer, target }) => {
      const place = placeOf(importer);
      return place !== undefined && target !== place && !(allowed[place] ?? []).includes(target);
    });
    expect(forbidden.map(({ importer, specifier }) => `${importer} imports ${specifier}`)).toEqual([]);
  });

  it('are found at all', () => {
    expect(rows.length).toBeGreaterThan(50);
  });
});
