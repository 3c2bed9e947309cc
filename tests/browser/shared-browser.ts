/** One browser and one site for all tests of a file. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launchBrowser, type Site, serveSite } from './harness.ts';

export interface Shared {
  readonly browser: Browser;
  readonly site: Site;
}

/** They are there once the tests run. */
export function sharedBrowser(): Shared {
  let shared: Shared | undefined;
  const started = (): Shared => {
    if (shared === undefined) throw new Error('it starts before the first test');
    return shared;
  };
  beforeAll(async () => {
    shared = { site: await serveSite(), browser: await launchBrowser() };
  });
  afterAll(async () => {
    await shared?.browser.close();
    await shared?.site.close();
  });
  return {
    get browser() {
      return started().browser;
    },
    get site() {
      return started().site;
    },
  };
}
