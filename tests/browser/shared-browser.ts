/** One browser and one site for all tests of a file. What a test opens is closed after it, and may not have complained. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Project } from '../../src/labs/project.ts';
import {
  comeToBench,
  launchBrowser,
  type OpenedPage,
  openPage,
  type PageOptions,
  type Site,
  serveSite,
} from './harness.ts';
import { openWorkbench } from './workbenches.ts';

export interface SharedOptions extends PageOptions {
  /** What the test does is what a browser complains of. */
  readonly mayComplain?: boolean;
}

export interface Shared {
  open(path: string, options?: SharedOptions): Promise<Page>;
  /** As a reader comes to the first bench of a page. */
  openBench(path: string, options?: SharedOptions): Promise<Page>;
  openWorkbench(project: Project, options?: SharedOptions): Promise<Page>;
}

export function sharedBrowser(): Shared {
  let site: Site;
  let browser: Browser;
  let opened: { readonly page: OpenedPage; readonly mayComplain: boolean }[] = [];
  beforeAll(async () => {
    site = await serveSite();
    browser = await launchBrowser();
  });
  afterEach(async () => {
    const complaints = opened.flatMap(({ page, mayComplain }) => (mayComplain ? [] : page.complaints));
    await Promise.all(opened.map(({ page }) => page.close()));
    opened = [];
    expect(complaints).toEqual([]);
  });
  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  const noted = (page: OpenedPage, { mayComplain = false }: SharedOptions): Page => {
    opened.push({ page, mayComplain });
    return page.page;
  };
  const open = async (path: string, options: SharedOptions = {}): Promise<Page> =>
    noted(await openPage(browser, new URL(path, site.url).href, options), options);
  return {
    open,
    openBench: async (path, options) => {
      const page = await open(path, options);
      await comeToBench(page);
      return page;
    },
    openWorkbench: async (project, options = {}) =>
      noted(await openWorkbench({ browser, site }, project, options), options),
  };
}
