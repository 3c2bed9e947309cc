/** `npm start`, `npm test` and the others: each sets up what is missing, then runs its steps in order. */
import { join } from 'node:path';
import { root, run, setUp } from './setup.mjs';

const tool = (path, ...args) => [join(root, 'node_modules', path), ...args];
const astro = (...args) => tool('astro/bin/astro.mjs', ...args);
const biome = (...args) => tool('@biomejs/biome/bin/biome', ...args);
const tsc = (...args) => tool('typescript/bin/tsc', ...args);
const vitest = (...args) => tool('vitest/vitest.mjs', 'run', ...args);

const tasks = {
  start: [astro('build'), astro('preview')],
  dev: [astro('dev')],
  build: [astro('build')],
  format: [biome('check', '--write')],
  bench: [['scripts/bench.ts']],
  test: [
    biome('check', '--error-on-warnings'),
    tsc('-p', 'src/engine'),
    astro('check', '--minimumFailingSeverity', 'warning'),
    tool('svelte-check/bin/svelte-check', '--tsconfig', './tsconfig.json', '--fail-on-warnings'),
    vitest('--project', 'unit'),
    astro('build'),
    vitest('--project', 'browser'),
  ],
};

const [name = '', ...rest] = process.argv.slice(2);
const steps = tasks[name];
if (steps === undefined) {
  process.stderr.write(`There is no task '${name}'; there are: ${Object.keys(tasks).join(', ')}.\n`);
  process.exit(2);
}
setUp();
steps.forEach((step, index) => {
  const last = index === steps.length - 1;
  const status = run(last ? [...step, ...rest] : step);
  if (status !== 0) process.exit(status);
});
