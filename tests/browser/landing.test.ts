import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser, openPage, type Site, serveSite } from './harness.ts';

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

it('shows the landing page with a clean console', async () => {
  const { page, complaints, close } = await openPage(browser, `${site.url}/`);
  expect(await page.title()).toContain('Guesthouse');
  expect(complaints).toEqual([]);
  await close();
});
