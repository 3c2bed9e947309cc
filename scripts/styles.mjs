/**
 * An Astro integration for style sheets. Those of a page are put into it, so that it can be read as soon as it is here.
 * Those that come with what is imported late, the editor, stay files and are not waited for: Astro would delete them
 * where no page links them, and link them where one has all of its content from a script.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A sheet that its chunk also lists among its assets is left alone. */
function lateSheets(late) {
  return {
    name: 'late-sheets',
    applyToEnvironment: ({ name }) => name === 'client',
    generateBundle(_options, bundle) {
      for (const { viteMetadata, isEntry, isDynamicEntry } of Object.values(bundle)) {
        for (const sheet of viteMetadata?.importedCss ?? []) {
          viteMetadata.importedAssets.add(sheet);
          if (isDynamicEntry && !isEntry) late.add(sheet);
        }
      }
    },
  };
}

const link = /<link rel="stylesheet" href="[^"]*?(_astro\/[^"]+\.css)">/g;

/** `folder`: of the built site. */
function inlineSheets(folder, late) {
  const styleOf = (_link, sheet) =>
    late.has(sheet) ? '' : `<style>${readFileSync(join(folder, sheet), 'utf8')}</style>`;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.name.endsWith('.html')) continue;
    const path = join(entry.parentPath, entry.name);
    writeFileSync(path, readFileSync(path, 'utf8').replace(link, styleOf));
  }
}

export function styles() {
  const late = new Set();
  return {
    name: 'styles',
    hooks: {
      'astro:config:setup': ({ updateConfig }) => updateConfig({ vite: { plugins: [lateSheets(late)] } }),
      'astro:build:done': ({ dir }) => inlineSheets(fileURLToPath(dir), late),
    },
  };
}
