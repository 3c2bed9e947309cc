/** A lesson whose benches share a machine: in whatever order one clicks, it shows what a fresh page would. */
import { readFileSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barriers } from './barriers.ts';
import { comeToBench, launchBrowser, type OpenedPage, openPage, type Site, serveSite } from './harness.ts';

const slug = '04-address-translation';
const solution = readFileSync(new URL(`../../content/lessons/${slug}/solution/walk.c`, import.meta.url), 'utf8');

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

const part = (page: Page, which: number): Locator => page.locator('.bench .part').nth(which);
const plot = (page: Page): Locator => page.locator('#cliff');
const comparison = (page: Page): Locator => page.locator('#sizes');

async function openLesson(): Promise<OpenedPage> {
  const opened = await openPage(browser, `${site.url}/lessons/${slug}/`);
  await comeToBench(opened.page);
  return opened;
}

async function retype(page: Page, text: string): Promise<void> {
  await page.locator('.monaco-editor .view-lines').first().click();
  await page.keyboard.press('Control+A');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((pasted) => navigator.clipboard.writeText(pasted), text);
  await page.keyboard.press('Control+V');
}

const ended = async (page: Page): Promise<string[]> => {
  await page
    .getByRole('status')
    .filter({ hasText: /^Ended/ })
    .waitFor();
  return [await part(page, 0).innerText(), await part(page, 1).innerText()];
};

describe('a lesson with two benches on one machine', () => {
  it('comes to the same from the second bench, from the first, and with all at once', async () => {
    const { page, complaints, close } = await openLesson();
    await retype(page, solution);
    await part(page, 1).getByRole('button', { name: 'Run to the end' }).click();
    const fromSecond = await ended(page);
    expect(fromSecond[1]).toMatch(/Steps [\d,]+ to [\d,]+ of the run\./);
    await page.getByRole('button', { name: 'Restart machine' }).click();
    await part(page, 0).getByRole('button', { name: 'Run up to here' }).click();
    await part(page, 0).getByText('Show its end').waitFor();
    await part(page, 1).getByRole('button', { name: 'Run to the end' }).click();
    expect(await ended(page)).toEqual(fromSecond);
    await page.getByRole('button', { name: 'Restart machine' }).click();
    await page.getByRole('button', { name: 'Run all' }).click();
    expect(await ended(page)).toEqual(fromSecond);
    expect(complaints).toEqual([]);
    await close();
  });

  it('shows what other runs give beside it, and marks all of it once the text has changed', async () => {
    const { page, complaints, close } = await openLesson();
    await retype(page, solution);
    await page.getByRole('button', { name: 'Run all' }).click();
    await ended(page);
    await comparison(page).getByText('Still to be run').waitFor({ state: 'detached' });
    const numbers = await comparison(page).locator('td:not(:first-child), td').allInnerTexts();
    expect(numbers.filter((text) => text.includes('–'))).toEqual([]);
    expect(await plot(page).locator('circle').count()).toBe(17);
    await page.locator('.monaco-editor .view-lines').first().click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type(' ');
    await plot(page).getByText('of the text before the last change').waitFor({ state: 'attached' });
    await plot(page).getByRole('button', { name: 'Run it' }).click();
    await plot(page).getByRole('button', { name: 'Run it' }).waitFor({ state: 'detached' });
    await comparison(page).getByRole('button', { name: 'Run it' }).click();
    await comparison(page).getByText('Still to be run').waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
    await close();
  });

  it.each([
    { width: 360, dark: true },
    { width: 1280, dark: false },
  ])('has no barrier at $width pixels, dark: $dark', async ({ width, dark }) => {
    const { page, complaints, close } = await openPage(browser, `${site.url}/lessons/${slug}/`, { width, dark });
    await comeToBench(page);
    await retype(page, solution);
    await page.getByRole('button', { name: 'Run all' }).click();
    await ended(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    expect(await barriers(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  });
});
