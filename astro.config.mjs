import svelte from '@astrojs/svelte';
import { defineConfig } from 'astro/config';
import { offline } from './scripts/offline.mjs';

/**
 * Astro deletes style sheets that no page links, and so those which come with the editor and the console when these are
 * imported late; a sheet that its chunk also lists among its assets is left alone.
 */
const keepLateStyles = {
  name: 'keep-late-styles',
  applyToEnvironment: ({ name }) => name === 'client',
  generateBundle(_options, bundle) {
    for (const { viteMetadata } of Object.values(bundle)) {
      for (const sheet of viteMetadata?.importedCss ?? []) viteMetadata.importedAssets.add(sheet);
    }
  },
};

/** `BASE_PATH` serves the lab from below a path, as on a project page. */
export default defineConfig({
  base: process.env.BASE_PATH ?? '/',
  integrations: [svelte(), offline()],
  devToolbar: { enabled: false },
  vite: { worker: { format: 'es' }, plugins: [keepLateStyles] },
});
