#!/usr/bin/env node
/** `npx guesthouse`: hands over to the Node that runs TypeScript. */
import { fileURLToPath } from 'node:url';
import { run, setUp } from '../../scripts/setup.mjs';

setUp();
const main = fileURLToPath(new URL('./main.ts', import.meta.url));
process.exit(run(['--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)], { cwd: process.cwd() }));
