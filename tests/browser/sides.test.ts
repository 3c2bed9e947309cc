/** The switch between the machine and what its guest believes: one for all views, by keyboard, and kept in time. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { barriersInBothThemes } from './barriers.ts';
import { sharedBrowser } from './shared-browser.ts';
import { time } from './steps.ts';
import { exampleProject, showView } from './workbenches.ts';

const { openWorkbench } = sharedBrowser();
const example = { ...exampleProject('6-hypervisor'), views: ['page-table', 'registers'] };

async function look(page: Page, part: number): Promise<void> {
  const box = await time(page).boundingBox();
  if (box !== null) await page.mouse.click(box.x + box.width * part, box.y + 10);
}

describe('the guest’s side', () => {
  it('is chosen once for all views, and stays while one looks around', async () => {
    const page = await openWorkbench(example, { width: 1400, height: 1400 });
    const tables = page.locator('#bench-panel-page-table');
    const registers = page.locator('#bench-panel-registers');
    await showView(page, 'page-table');
    expect(await page.getByRole('radio').count()).toBe(0);
    await page.keyboard.press('Control+Enter');
    await page.locator('.xterm-rows').getByText('42 exits').waitFor();
    await look(page, 0.5);
    const machine = page.getByRole('radio', { name: /^The machine/ });
    await machine.waitFor();
    await machine.focus();
    await page.keyboard.press('ArrowDown');
    await tables.getByText('by the guest’s satp').waitFor();
    expect(await barriersInBothThemes(page)).toEqual([]);

    await showView(page, 'registers');
    expect(await page.getByRole('radio', { name: /guest believes/ }).isChecked()).toBe(true);
    await registers.getByText('The hart has a second set for its guest').waitFor();
    expect(await barriersInBothThemes(page)).toEqual([]);

    await look(page, 0.001);
    await page.getByText('No guest is current at this moment').waitFor();
    await look(page, 0.6);
    await page.getByText(/believes to be in S-mode/).waitFor();
  });
});
