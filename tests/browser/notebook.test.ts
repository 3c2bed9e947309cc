/** A lesson whose benches share a machine: in whatever order one clicks, it shows what a fresh page would. */
import { readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { barriersInBothThemes } from './barriers.ts';
import { sharedBrowser } from './shared-browser.ts';
import { editor, retype, said, widthOf } from './steps.ts';

const slug = '04-address-translation';
const solution = readFileSync(new URL(`../../content/lessons/${slug}/solution/walk.c`, import.meta.url), 'utf8');

const { openBench } = sharedBrowser();

const lesson = `/lessons/${slug}/`;
const part = (page: Page, which: number): Locator => page.locator('.bench .part').nth(which);
const plot = (page: Page): Locator => page.locator('#cliff');
const comparison = (page: Page): Locator => page.locator('#sizes');

const ended = async (page: Page): Promise<string[]> => {
  await said(page, /^Ended/);
  return [await part(page, 0).innerText(), await part(page, 1).innerText()];
};

describe('a lesson with two benches on one machine', () => {
  it('comes to the same from the second bench, from the first, and with all at once', async () => {
    const page = await openBench(lesson);
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
  });

  it('shows what other runs give beside it, and marks all of it once the text has changed', async () => {
    const page = await openBench(lesson);
    await retype(page, solution);
    await page.getByRole('button', { name: 'Run all' }).click();
    await ended(page);
    await comparison(page).getByText('Still to be run').waitFor({ state: 'detached' });
    const numbers = await comparison(page).locator('td:not(:first-child), td').allInnerTexts();
    expect(numbers.filter((text) => text.includes('–'))).toEqual([]);
    expect(await plot(page).locator('circle').count()).toBe(17);
    await editor(page).click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type(' ');
    await plot(page).getByText('of the text before the last change').waitFor({ state: 'attached' });
    await plot(page).getByRole('button', { name: 'Run it' }).click();
    await plot(page).getByRole('button', { name: 'Run it' }).waitFor({ state: 'detached' });
    await comparison(page).getByRole('button', { name: 'Run it' }).click();
    await comparison(page).getByText('Still to be run').waitFor({ state: 'detached' });
  });

  it.each([360, 1280])('has no barrier at %i pixels, in both themes', async (width) => {
    const page = await openBench(lesson, { width });
    await retype(page, solution);
    await page.getByRole('button', { name: 'Run all' }).click();
    await ended(page);
    expect(await widthOf(page)).toBe(width);
    expect(await barriersInBothThemes(page)).toEqual([]);
  });
});
