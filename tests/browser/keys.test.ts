/** The list of keys: there for a question mark, and out of the way of whoever writes one. */
import { expect, it } from 'vitest';
import { barriers } from './barriers.ts';
import { sharedBrowser } from './shared-browser.ts';
import { exampleProject } from './workbenches.ts';

const { openWorkbench } = sharedBrowser();

it.each([
  { width: 360, dark: true },
  { width: 1280, dark: false },
])('are listed, $width pixels wide', async ({ width, dark }) => {
  const page = await openWorkbench(exampleProject('1-hello'), { width, dark });
  await page
    .locator('.monaco-editor .view-lines')
    .first()
    .click({ position: { x: 40, y: 10 } });
  await page.keyboard.type('#?');
  expect(await page.getByRole('dialog').count()).toBe(0);
  await page.getByRole('button', { name: 'Keys' }).focus();
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog', { name: 'Keys' });
  await dialog.getByText('Breakpoint in this line').waitFor();
  expect(await barriers(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
});
