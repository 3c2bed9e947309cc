/** What keeps somebody from using a page, as far as axe can tell. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type AxeModule from 'axe-core';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What is in the way in the dark and in the light; the page is left light. */
export async function barriersInBothThemes(page: Page, within?: string): Promise<string[]> {
  const found: string[] = [];
  for (const theme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.locator(`:root[data-theme=${theme}]`).waitFor({ state: 'attached' });
    found.push(...(await barriers(page, within)).map((barrier) => `${theme}: ${barrier}`));
  }
  return found;
}

/** What axe finds serious or critical, as `rule: place`; `within` is the selector of a part, and all of the page without. */
export async function barriers(page: Page, within = 'html'): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async (part) => {
    // It has come as text just now.
    const { axe: judge } = window as unknown as { axe: typeof AxeModule };
    const found = await judge.run(part, { resultTypes: ['violations'] });
    return found.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
      );
  }, within);
}
