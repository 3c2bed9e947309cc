import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { viewNames } from '../../src/cli/files.ts';
import { viewKinds } from '../../src/components/views.ts';

const folders = readdirSync(new URL('../../src/visualizers', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

it('lets lessons name every visualizer, in the page and for the command', () => {
  expect([...viewNames()].sort()).toEqual(folders);
  expect(viewKinds.map(({ name }) => name).sort()).toEqual(folders);
});
