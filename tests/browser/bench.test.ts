/** The bench as a workbench: arranged, with the whole window to itself, and without a lesson. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { buildFile } from '../../src/engine/toolchain/build.ts';
import { barriersInBothThemes } from './barriers.ts';
import { comeToBench } from './harness.ts';
import { sharedBrowser } from './shared-browser.ts';
import { bench, button, choose, editor, said, told, trapsLesson, widthOf } from './steps.ts';

const hello = readFileSync(new URL('../../content/examples/1-hello/hello.S', import.meta.url), 'utf8');

const { openBench } = sharedBrowser();

const printed = (page: Page, text: string): Promise<void> => page.locator('.xterm-rows').getByText(text).waitFor();
const lefts = (page: Page, panels: readonly string[]): Promise<number[]> =>
  page.evaluate(
    (names) => names.map((name) => document.getElementById(`bench-panel-${name}`)?.getBoundingClientRect().left ?? -1),
    panels,
  );

describe('the bench of a lesson', () => {
  it('is arranged with the keyboard, keeps that, and forgets it when asked to', async () => {
    const page = await openBench(trapsLesson);
    await choose(page, 'Move Registers', 'Column of its own, right');
    const [traps = 0, registers = 0] = await lefts(page, ['traps', 'registers']);
    expect(registers).toBeGreaterThan(traps);

    const border = bench(page).getByRole('separator', { name: 'Border between Editor and Traps' });
    const before = Number(await border.getAttribute('aria-valuenow'));
    await border.focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Shift+ArrowLeft');
    expect(Number(await border.getAttribute('aria-valuenow'))).toBe(before - 12);

    await page.reload();
    await comeToBench(page);
    expect(Number(await border.getAttribute('aria-valuenow'))).toBe(before - 12);
    await choose(page, /^Views/, 'Arrange as at first');
    await bench(page).getByRole('tab', { name: 'Traps' }).waitFor();
  });

  it('takes the whole window and gives it back, with what was typed and what was printed', async () => {
    const page = await openBench(trapsLesson);
    await button(page, 'Full window').focus();
    await page.keyboard.press('Enter');
    const box = await bench(page).boundingBox();
    expect([box?.x, box?.y, box?.width]).toEqual([0, 0, 1280]);
    expect(await page.getByRole('heading', { level: 1 }).isVisible()).toBe(false);
    await page.keyboard.press('Control+Enter');
    await said(page, 'Ended');
    expect(await bench(page).getByRole('group', { name: 'Registers' }).first().isVisible()).toBe(true);
    expect(await bench(page).getByRole('group', { name: 'Traps' }).first().isVisible()).toBe(true);

    await button(page, /^Views/).click();
    await page.keyboard.press('Escape');
    expect(await page.locator('.bench.full').count()).toBe(1);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await said(page, 'Ended');
  });

  it('moves a border with the pointer, and a tab where it is dropped', async () => {
    const page = await openBench(trapsLesson);
    await bench(page).scrollIntoViewIfNeeded();
    const border = bench(page).getByRole('separator', { name: /Editor and Registers/ });
    const at = await border.boundingBox();
    const x = (at?.x ?? 0) + 4;
    const y = (at?.y ?? 0) + 60;
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x - 150, y, { steps: 4 });
    await page.mouse.up();
    const moved = await border.boundingBox();
    expect(Math.round((at?.x ?? 0) - (moved?.x ?? 0))).toBe(150);

    const console = page.locator('#bench-panel-console');
    await bench(page).getByRole('tab', { name: 'Traps' }).dragTo(console);
    await bench(page).getByRole('tab', { name: 'Console' }).waitFor();
    expect(await bench(page).getByRole('tab', { name: 'Traps' }).getAttribute('aria-selected')).toBe('true');
  });
});

describe('the workbench', () => {
  it('runs every example that it offers', async () => {
    const page = await openBench('/bench/');
    await button(page, 'New from an example').click();
    const items = await page.getByRole('menuitem').allInnerTexts();
    await page.keyboard.press('Escape');
    const titles = items.map((item) => item.split('\n')[0] ?? '').filter((title) => title !== 'Empty');
    expect(titles.length).toBeGreaterThanOrEqual(5);
    for (const title of titles) {
      await choose(page, 'New from an example', title);
      await told(page, `Started from “${title}”.`);
      await comeToBench(page);
      await page.keyboard.press('Control+Enter');
      await said(page, 'Ended: exit code 0.');
    }
  });

  it('adds, renames and deletes files, takes that back, and keeps the work', async () => {
    const page = await openBench('/bench/');
    await choose(page, 'File actions', 'New file …');
    await page.getByLabel('New file').fill('hello.S');
    await button(page, 'Create').click();
    await page.getByRole('alert').getByText('There is a hello.S already.').waitFor();
    await page.getByLabel('New file').fill('notes.inc');
    await page.keyboard.press('Enter');
    await told(page, 'Added notes.inc.');
    await bench(page).getByRole('tab', { name: 'notes.inc' }).and(page.locator('[aria-selected=true]')).waitFor();

    await editor(page).click();
    await page.keyboard.type('# mine');
    await choose(page, 'File actions', 'Rename notes.inc …');
    await page.getByLabel('New name').fill('mine.inc');
    await page.keyboard.press('Enter');
    await told(page, 'notes.inc is mine.inc now.');
    await choose(page, 'File actions', 'Delete mine.inc');
    await told(page, 'Deleted mine.inc.');
    expect(await bench(page).getByRole('tab', { name: 'mine.inc' }).count()).toBe(0);
    await button(page, 'Bring back what was there').click();
    await page.locator('.view-line', { hasText: '# mine' }).waitFor();

    await page.getByLabel('Title of the work').fill('My own');
    await page.reload();
    await comeToBench(page);
    await page.locator('.view-line', { hasText: '# mine' }).waitFor();
    expect(await page.getByLabel('Title of the work').inputValue()).toBe('My own');
  });

  it('makes the machine that is asked for', async () => {
    const page = await openBench('/bench/');
    await button(page, 'Machine …').click();
    await page.getByLabel('Harts').fill('2');
    await page.getByLabel('under SBI firmware').check();
    await page.getByLabel('RAM', { exact: true }).selectOption('64 MiB');
    await button(page, 'Make this machine').click();
    await bench(page).getByText('64 MiB, 2 harts, firmware').waitFor();
    await bench(page).getByRole('tab', { name: 'firmware/trap.S' }).click();
    await page.locator('.view-line', { hasText: 'mcause' }).first().waitFor();
    await page.keyboard.press('Control+Enter');
    await said(page, 'Ended: exit code 0.');
    await printed(page, 'Hello from M-mode.');
  });

  it('passes work on as a link, and loses nothing to a link or to damage', async () => {
    const page = await openBench('/bench/');
    await page.getByLabel('Title of the work').fill('Passed on');
    await button(page, 'Share').click();
    const link = await page.getByLabel('Link to this work').inputValue();

    const other = await openBench('/bench/');
    await other.getByLabel('Title of the work').fill('My own');
    await other.goto('about:blank');
    await other.goto(link);
    await told(other, 'This came with the link.');
    expect(await other.getByLabel('Title of the work').inputValue()).toBe('Passed on');
    expect(other.url()).not.toContain('#');
    await button(other, 'Bring back what was there').click();
    expect(await other.getByLabel('Title of the work').inputValue()).toBe('My own');

    await other.goto('about:blank');
    await other.goto(link.slice(0, -9));
    await other
      .getByRole('alert')
      .getByText(/The link brings nothing\. It is damaged/)
      .waitFor();
    expect(await other.getByLabel('Title of the work').inputValue()).toBe('My own');
  });

  it('saves everything as a file, opens it again, and says what is wrong with one that is damaged', async () => {
    const page = await openBench('/bench/');
    await page.getByLabel('Title of the work').fill('Über alles');
    const waiting = page.waitForEvent('download');
    await button(page, 'Save').click();
    const download = await waiting;
    expect(download.suggestedFilename()).toBe('über-alles.guesthouse.json');
    const file = await download.path();
    await choose(page, 'New from an example', 'Empty');
    await told(page, 'An empty bench.');
    const chooser = page.getByLabel('Files to open');
    const named = { name: 'w.guesthouse.json', mimeType: 'application/json', buffer: readFileSync(file) };
    await chooser.setInputFiles(named);
    await told(page, 'Opened w.guesthouse.json.');
    expect(await page.getByLabel('Title of the work').inputValue()).toBe('Über alles');
    await chooser.setInputFiles({ ...named, buffer: named.buffer.subarray(0, 300) });
    await page
      .getByRole('alert')
      .getByText(/cannot be opened.*cut short/)
      .waitFor();
    expect(await page.getByLabel('Title of the work').inputValue()).toBe('Über alles');
  });

  it('says so when the browser does not keep the work', async () => {
    const page = await openBench('/bench/');
    await page.evaluate(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException('full', 'QuotaExceededError');
      };
    });
    await page.getByLabel('Title of the work').fill('Lost');
    await page.getByRole('alert').getByText('This browser does not keep your work.').waitFor();
  });

  it('takes a folder that is dropped in place of its files', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'guesthouse-')), 'mine');
    mkdirSync(join(folder, 'lib'), { recursive: true });
    writeFileSync(join(folder, 'begin.S'), hello.replace('from M-mode', 'from a folder'));
    writeFileSync(join(folder, 'lib', 'unused.inc'), '# nothing');
    const page = await openBench('/bench/');
    await page.locator('button.primary:enabled').waitFor();
    const session = await page.context().newCDPSession(page);
    const data = { items: [], files: [folder], dragOperationsMask: 1 };
    // As a pointer does, which goes on over what appears under it.
    for (const type of ['dragEnter', 'dragOver', 'dragOver', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, x: 400, y: 400, data });
      await page.waitForTimeout(50);
    }
    await told(page, 'Added begin.S. Added lib/unused.inc.');
    expect(await bench(page).getByRole('tab', { name: 'hello.S' }).count()).toBe(0);
    await bench(page).getByRole('tab', { name: 'lib/unused.inc' }).waitFor();
    await page.keyboard.press('Control+Enter');
    await said(page, 'Ended: exit code 0.');
    await printed(page, 'Hello from a folder.');
  });

  it('boots an ELF file that is brought, keeps it, and boots the sources again', async () => {
    const built = buildFile([{ name: 'h.S', text: hello.replace('from M-mode', 'from an ELF file') }], {
      kind: 'static',
    });
    if (!built.ok) throw new Error('it builds');
    const page = await openBench('/bench/');
    await page.getByLabel('Files to open').setInputFiles({
      name: 'h.elf',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(built.bytes),
    });
    await told(page, 'h.elf is what the machine boots now.');
    await page.waitForTimeout(300);
    await page.reload();
    await comeToBench(page);
    await page.keyboard.press('Control+Enter');
    await said(page, 'Ended: exit code 0.');
    await printed(page, 'Hello from an ELF file.');
    await button(page, 'Boot the sources').click();
    await comeToBench(page);
    await page.keyboard.press('Control+Enter');
    await said(page, 'Ended: exit code 0.');
    await printed(page, 'Hello from M-mode.');
  });
});

describe.each([
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
])('$width pixels wide, in both themes', (size) => {
  it('the workbench has no barrier and no overflow', async () => {
    const page = await openBench('/bench/', size);
    await choose(page, 'New from an example', 'A trap handler');
    await told(page, 'Started');
    await comeToBench(page);
    await page.keyboard.press('Control+Enter');
    await said(page, 'Ended');
    expect(await widthOf(page)).toBe(size.width);
    expect(await barriersInBothThemes(page)).toEqual([]);
    await button(page, 'Machine …').click();
    expect(await barriersInBothThemes(page)).toEqual([]);
  });

  it('neither has a bench with the whole window', async () => {
    const page = await openBench(trapsLesson, size);
    await button(page, 'Full window').click();
    await page.keyboard.press('Control+Enter');
    await said(page, 'Ended');
    expect(await widthOf(page)).toBe(size.width);
    expect(await barriersInBothThemes(page)).toEqual([]);
  });
});
