/** What holds for every page: readable, reachable, at home in both themes and on a narrow screen. */
import { describe, expect, it } from 'vitest';
import { barriers } from './barriers.ts';
import { comeToBench } from './harness.ts';
import { sharedBrowser } from './shared-browser.ts';
import { button, said, trapsLesson, widthOf } from './steps.ts';

const { open } = sharedBrowser();

describe.each([
  { path: '/', dark: false },
  { path: '/', dark: true },
  { path: trapsLesson, dark: false },
  { path: trapsLesson, dark: true },
])('$path, dark: $dark', ({ path, dark }) => {
  it('has no barrier, no complaint and no overflow at 360 pixels', async () => {
    const page = await open(path, { width: 360, height: 740, dark });
    if (path === trapsLesson) {
      await comeToBench(page);
      await page.keyboard.press('Control+Enter');
      await said(page, 'Ended');
    }
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe(dark ? 'dark' : 'light');
    expect(await widthOf(page)).toBe(360);
    expect(await barriers(page)).toEqual([]);
  });
});

it('goes from the house to a lesson with the keyboard, and keeps a chosen theme', async () => {
  const page = await open('/');
  await button(page, 'Switch to the dark theme').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Privilege and traps' }).last().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**${trapsLesson}`);
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
});

it('says so where there is no page', async () => {
  const page = await open('/nowhere/', { mayComplain: true });
  await page.getByRole('heading', { name: 'There is no such room' }).waitFor();
  await page.getByRole('link', { name: 'house’s plan' }).click();
  await page.getByRole('heading', { name: 'Guesthouse' }).waitFor();
});

it('lights a room once its lesson is done', async () => {
  const page = await open('/');
  expect(await page.locator('svg [data-done]').count()).toBe(0);
  await page.evaluate(() => localStorage.setItem('guesthouse:work:03-privilege-and-traps', '{"done":true}'));
  await page.reload();
  await page.locator('svg [data-done]').waitFor({ state: 'attached' });
  expect(await page.locator('li[data-done]').innerText()).toContain('done');
});
