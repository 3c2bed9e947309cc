/** What the workbench offers to start from: every example builds without a warning and gives what it says. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { viewNames } from '../../src/cli/files.ts';
import { readLibraryTexts } from '../../src/cli/library-texts.ts';
import { readFirmwareTexts } from '../../src/cli/run/guest-files.ts';
import { readExample } from '../../src/labs/examples.ts';
import { buildRun, runExperiment } from '../../src/labs/experiment.ts';
import { emptyProject, lessonOf, readProject, writeProject } from '../../src/labs/project.ts';
import { linkOf, mostLinkCharacters } from '../../src/labs/share-link.ts';

const folder = fileURLToPath(new URL('../../content/examples', import.meta.url));
const run = { name: 'main', budget: 2_000_000, define: {} };

function open(name: string): ReturnType<typeof readExample> {
  const files = readdirSync(join(folder, name));
  return readExample(
    name,
    Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, name, file), 'utf8')])),
  );
}

const guests = { firmware: readFirmwareTexts(), library: readLibraryTexts() };

describe.each(readdirSync(folder))('%s', (name) => {
  const { project, gives } = open(name);
  const lesson = lessonOf(project, guests);

  it('builds without a warning', () => {
    expect(buildRun(lesson, run, {}, 0).diagnostics).toEqual([]);
  });

  it('gives what it says', async () => {
    const result = await runExperiment(lesson, run, {}, 0);
    if (!result.ok) throw new Error('it does not build');
    const { console, exit } = result.observed;
    expect({ console, exit }).toEqual({ console: gives.console, exit: { reason: 'exit', code: gives.code } });
  });

  it('names views that there are, and all of its files', () => {
    expect(viewNames()).toEqual(expect.arrayContaining([...project.views]));
    const unnamed = readdirSync(join(folder, name)).filter((file) => file !== 'example.yaml');
    expect(project.files.map((file) => file.name).sort()).toEqual(unnamed.sort());
  });

  it('fits into a file, and into a link with room for changes', async () => {
    expect(readProject(writeProject(project))).toEqual({ ok: true, project });
    expect((await linkOf(project)).length).toBeLessThan(0.9 * mostLinkCharacters);
  });
});

it('takes from the guest library what a file of C does not define, start-up code included', async () => {
  const text = '#include <rt/printf.h>\nint main(void) {\n  printf("%d guests\\n", 2);\n  return 0;\n}\n';
  const project = { ...emptyProject, files: [{ name: 'main.c', text }], open: 'main.c' };
  const result = await runExperiment(lessonOf(project, guests), run, {}, 0);
  expect(result.ok && [result.observed.console, result.observed.exit.code]).toEqual(['2 guests\n', 0]);
});
