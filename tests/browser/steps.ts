/** What somebody does and sees on any bench. */
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

export const trapsLesson = '/lessons/03-privilege-and-traps/';

export const button = (page: Page | Locator, name: string | RegExp): Locator => page.getByRole('button', { name });
export const machine = (page: Page): Locator => page.getByRole('region', { name: 'Machine' });
export const bench = (page: Page): Locator => page.getByRole('region', { name: 'Bench' });
export const time = (page: Page): Locator => page.getByRole('slider', { name: /^Time/ });
export const status = (page: Page): Locator => machine(page).getByRole('status');
/** Monaco's text. */
export const editor = (page: Page): Locator => page.locator('.monaco-editor .view-lines').first();

/** What the machine's bar says at last. */
export const said = (page: Page, text: string | RegExp): Promise<void> =>
  status(page).filter({ hasText: text }).waitFor();

/** What the workbench says has become of the work. */
export const told = (page: Page, text: string | RegExp): Promise<void> =>
  page.locator('.news').getByText(text).first().waitFor();

/** Where the machine stands, in steps. */
export const position = async (page: Page): Promise<number> =>
  Number((await time(page).getAttribute('aria-valuenow')) ?? -1);

export const standsAt = (page: Page, wanted: number): Promise<void> =>
  expect.poll(() => position(page), { timeout: 10_000 }).toBe(wanted);

/** The page's width, where nothing makes it wider than its window. */
export const widthOf = (page: Page): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth);

/** From a menu, with the keyboard alone. */
export async function choose(page: Page, menu: string | RegExp, item: string): Promise<void> {
  await button(page, menu).first().focus();
  await page.keyboard.press('Enter');
  for (let each = 0; each < 30; each++) {
    const focused = await page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
    if (focused.replace('✓', '').trim().startsWith(item)) return page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
  }
  throw new Error(`no ${item} in the menu`);
}

/** Pastes a text in the place of what is open. */
export async function retype(page: Page, text: string): Promise<void> {
  await editor(page).click();
  await page.keyboard.press('Control+A');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((pasted) => navigator.clipboard.writeText(pasted), text);
  await page.keyboard.press('Control+V');
}
