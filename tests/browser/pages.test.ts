/** What holds for every page: readable, reachable, at home in both themes and on a narrow screen. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barriers } from './barriers.ts';
import { comeToBench, launchBrowser, openPage, type Site, serveSite } from './harness.ts';

const lesson = '/lessons/03-privilege-and-traps/';

let browser: Browser;
let site: Site;

beforeAll(async () => {
  site = await serveSite();
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser.close();
  await site.close();
});

describe.each([
  { path: '/', dark: false },
  { path: '/', dark: true },
  { path: lesson, dark: false },
  { path: lesson, dark: true },
])('$path, dark: $dark', ({ path, dark }) => {
  it('has no barrier, no complaint and no overflow at 360 pixels', async () => {
    const { page, complaints, close } = await openPage(browser, site.url + path, { width: 360, height: 740, dark });
    if (path === lesson) {
      await comeToBench(page);
      await page.keyboard.press('Control+Enter');
      await page.getByRole('region', { name: 'Machine' }).getByText('Ended').waitFor();
    }
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe(dark ? 'dark' : 'light');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    expect(await barriers(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  });
});

it('goes from the house to a lesson with the keyboard, and keeps a chosen theme', async () => {
  const { page, complaints, close } = await openPage(browser, `${site.url}/`);
  await page.getByRole('button', { name: 'Switch to the dark theme' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Privilege and traps' }).last().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**${lesson}`);
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
  expect(complaints).toEqual([]);
  await close();
});

it('says so where there is no page', async () => {
  const { page, close } = await openPage(browser, `${site.url}/nowhere/`);
  await page.getByRole('heading', { name: 'There is no such room' }).waitFor();
  await page.getByRole('link', { name: 'house’s plan' }).click();
  await page.getByRole('heading', { name: 'Guesthouse' }).waitFor();
  await close();
});

it('lights a room once its lesson is done', async () => {
  const { page, close } = await openPage(browser, `${site.url}/`);
  expect(await page.locator('svg [data-done]').count()).toBe(0);
  await page.evaluate(() => localStorage.setItem('guesthouse:work:03-privilege-and-traps', '{"done":true}'));
  await page.reload();
  await page.locator('svg [data-done]').waitFor({ state: 'attached' });
  expect(await page.locator('li[data-done]').innerText()).toContain('done');
  await close();
});
