import svelte from '@astrojs/svelte';
import { defineConfig } from 'astro/config';

/** `BASE_PATH` serves the lab from below a path, as on a project page. */
export default defineConfig({
  base: process.env.BASE_PATH ?? '/',
  integrations: [svelte()],
  devToolbar: { enabled: false },
  vite: { worker: { format: 'es' } },
});
