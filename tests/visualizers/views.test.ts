import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { viewKinds } from '../../src/components/views.ts';
import { viewNames } from '../../src/labs/parse-lesson.ts';

const folders = readdirSync(new URL('../../src/visualizers', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

it('lets lessons name every visualizer, and no other', () => {
  expect([...viewNames].sort()).toEqual(folders);
  expect(viewKinds.map(({ name }) => name).sort()).toEqual(folders);
});
