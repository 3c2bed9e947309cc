import svelte from '@astrojs/svelte';
import { defineConfig } from 'astro/config';
import { offline } from './scripts/offline.mjs';
import { styles } from './scripts/styles.mjs';

/** `BASE_PATH` serves the lab from below a path, as on a project page. */
export default defineConfig({
  base: process.env.BASE_PATH ?? '/',
  integrations: [svelte(), styles(), offline()],
  devToolbar: { enabled: false },
  vite: { worker: { format: 'es' } },
});
