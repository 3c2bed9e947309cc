/** The switch between the machine and what its guest believes: one for all views, by keyboard, and kept in time. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comeToBench, launchBrowser, openPage, type Site, serveSite } from './harness.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

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

const view = (page: Page, title: string): Locator => page.locator(`section.view[aria-label="${title}"]`);
const timeline = (page: Page): Locator => page.getByRole('slider', { name: /^Time/ });

async function startExample(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: /^New from/ }).click();
  await page.getByRole('menuitem').filter({ hasText: title }).click();
}

async function show(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: /^Views/ }).click();
  await page.getByRole('menuitemcheckbox', { name: title, exact: true }).click();
  await page.keyboard.press('Escape');
}

async function look(page: Page, part: number): Promise<void> {
  const box = await timeline(page).boundingBox();
  if (box !== null) await page.mouse.click(box.x + box.width * part, box.y + 10);
}

const violations = async (page: Page): Promise<unknown> => {
  await page.addScriptTag({ content: axe });
  return page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as {
      axe: { run(on: string, options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const found = await checker.run('section.view', { runOnly: ['wcag2a', 'wcag2aa'] });
    return found.violations.map(({ id, nodes }) => [id, nodes[0]?.html]);
  });
};

describe.each([false, true])('the guest’s side (dark: %s)', (dark) => {
  it('is chosen once for all views, and stays while one looks around', async () => {
    const { page, complaints, close } = await openPage(browser, `${site.url}/bench/`, {
      width: 1400,
      height: 1400,
      dark,
    });
    await comeToBench(page);
    await startExample(page, 'A hypervisor and its guest');
    const tables = view(page, 'Page tables');
    await tables.waitFor();
    expect(await tables.getByRole('radio').count()).toBe(0);
    await page.getByRole('button', { name: /^Run/ }).click();
    await page.locator('.xterm-rows').getByText('42 exits').waitFor();
    await look(page, 0.5);
    const machine = tables.getByRole('radio', { name: /^The machine/ });
    await machine.waitFor();
    await machine.focus();
    await page.keyboard.press('ArrowDown');
    await tables.getByText('by the guest’s satp').waitFor();

    await show(page, 'Registers');
    const registers = view(page, 'Registers');
    expect(await registers.getByRole('radio', { name: /guest believes/ }).isChecked()).toBe(true);
    await registers.getByText('The hart has a second set for its guest').waitFor();
    expect(await violations(page)).toEqual([]);

    await look(page, 0.001);
    await registers.getByText('No guest is current at this moment').waitFor();
    await look(page, 0.6);
    await registers.getByText(/believes to be in S-mode/).waitFor();
    expect(complaints).toEqual([]);
    await close();
  });
});
