/** Going through time, as a student does on the bench and a visitor on the landing page; and all of it offline. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barriers } from './barriers.ts';
import { comeToBench, launchBrowser, openPage, type Site, serveSite } from './harness.ts';
import { openWorkbench, programInC } from './workbenches.ts';

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

const time = (page: Page): Locator => page.getByRole('slider', { name: /^Time/ });
const status = (page: Page): Locator => page.getByRole('region', { name: 'Machine' }).getByRole('status');

/** Where the slider stands, and how far it goes. */
async function positions(page: Page): Promise<readonly [here: number, tip: number]> {
  const read = async (name: string): Promise<number> => Number(await time(page).getAttribute(name));
  return [await read('aria-valuenow'), await read('aria-valuemax')];
}

const standsAt = (page: Page, position: number): Promise<unknown> =>
  page.waitForFunction(
    (wanted) =>
      document.querySelector('[role=slider][aria-label^=Time]')?.getAttribute('aria-valuenow') === String(wanted),
    position,
  );

async function ran(page: Page): Promise<void> {
  await comeToBench(page);
  await page.keyboard.press('Control+Enter');
  await status(page).filter({ hasText: 'Ended' }).waitFor();
}

describe('a run on the bench', () => {
  it('is visited with the keyboard, step by step and from end to end', async () => {
    const { page, complaints, close } = await openPage(browser, site.url + lesson);
    await ran(page);
    const [end, tip] = await positions(page);
    expect([end > 1000, end]).toEqual([true, tip]);
    await time(page).focus();
    await page.keyboard.press('Home');
    await status(page)
      .filter({ hasText: `Step 0 of ${tip.toLocaleString('en')}` })
      .waitFor();
    await page.keyboard.press('ArrowRight');
    await standsAt(page, 1);
    await page.keyboard.press('F11');
    await standsAt(page, 2);
    await page.keyboard.press('Shift+F7');
    await status(page).filter({ hasText: 'No trap was taken before this step.' }).waitFor();
    await standsAt(page, 2);
    await page.keyboard.press('F7');
    await standsAt(page, 1);
    await page.keyboard.press('End');
    await status(page).filter({ hasText: 'Ended' }).waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  it('is dragged through, and goes on from there to the same end', async () => {
    const { page, complaints, close } = await openPage(browser, site.url + lesson);
    await ran(page);
    const [, tip] = await positions(page);
    const ended = await status(page).innerText();
    await time(page).scrollIntoViewIfNeeded();
    const box = await time(page).boundingBox();
    if (box === null) throw new Error('The timeline is not to be seen.');
    await page.mouse.move(box.x + box.width * 0.9, box.y + 10);
    await page.mouse.down();
    for (const part of [0.8, 0.6, 0.4, 0.25]) await page.mouse.move(box.x + box.width * part, box.y + 10);
    await page.mouse.up();
    await page.waitForFunction(
      ([low, high]) => {
        const text = document.querySelector('[aria-label=Machine] [role=status]')?.textContent ?? '';
        const at = Number(/^Step ([\d,]+) of/.exec(text)?.[1]?.replaceAll(',', ''));
        return at > (low ?? 0) && at < (high ?? 0);
      },
      [tip * 0.24, tip * 0.26],
    );
    await page.keyboard.press('Control+Enter');
    await status(page).filter({ hasText: 'Ended' }).waitFor();
    expect(await status(page).innerText()).toBe(ended);
    expect(await positions(page)).toEqual([tip, tip]);
    expect(complaints).toEqual([]);
    await close();
  });

  it('leaves nothing behind when it is restarted while it prints', async () => {
    const counts = '#include <rt/printf.h>\nint main(void) {\n  for (int i = 0;; i++) printf("%d\\n", i);\n}\n';
    const { page, complaints, close } = await openWorkbench({ browser, site }, programInC(counts));
    for (let round = 0; round < 3; round++) {
      await page.keyboard.press('Control+Enter');
      await page.waitForFunction(() => /\d{3}/.test(document.querySelector('.xterm-rows')?.textContent ?? ''));
      await page.getByRole('button', { name: 'Restart machine' }).click();
      await page.waitForTimeout(500);
      expect(await status(page).innerText()).toBe('The machine is off.');
      expect(await positions(page)).toEqual([0, 0]);
      expect((await page.locator('.xterm-rows').innerText()).trim()).toBe('');
    }
    expect(complaints).toEqual([]);
    await close();
  });

  it('is marked with bookmarks, which are named, gone to, and void with another program', async () => {
    const { page, complaints, close } = await openPage(browser, site.url + lesson);
    await ran(page);
    const [, tip] = await positions(page);
    await time(page).focus();
    await page.keyboard.press('Shift+ArrowLeft');
    const marked = tip - Math.round(tip / 20);
    await standsAt(page, marked);
    await status(page).filter({ hasText: 'Next:' }).waitFor();
    await page.keyboard.press('F2');
    await page.keyboard.press('F2');
    const name = page.getByRole('textbox', { name: /^Name of the bookmark/ });
    await name.fill('near the end');
    await name.press('Enter');
    await time(page).focus();
    await page.keyboard.press('ArrowLeft');
    await standsAt(page, marked - 1);
    await page.keyboard.press('PageDown');
    await status(page).filter({ hasText: 'Bookmark “near the end”' }).waitFor();
    await page.getByRole('tab', { name: 'handler.S' }).first().click();
    await page.locator('.monaco-editor .view-lines').first().click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('.word 0\n');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: 'Bookmarks: 0 of 1' }).click();
    const list = page.getByRole('dialog', { name: 'Bookmarks' });
    await list.getByText('Of another program').waitFor();
    expect(await barriers(page)).toEqual([]);
    expect(await list.getByRole('button', { name: /^step/ }).isDisabled()).toBe(true);
    await list.getByRole('button', { name: /^Remove the one/ }).click();
    await list.getByText('None yet').waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  it('stops at a breakpoint only if its condition holds', async () => {
    const { page, complaints, close } = await openPage(browser, site.url + lesson);
    await comeToBench(page);
    const bench = page.getByRole('region', { name: 'Bench' });
    await bench.getByRole('tab', { name: 'handler.S' }).click();
    await page.locator('.monaco-editor .view-line', { hasText: 'csrr' }).first().click();
    await page.keyboard.press('F9');
    await page.getByText('Stops').click();
    const condition = page.getByRole('textbox', { name: /^Condition of the breakpoint/ });
    await condition.fill('mode == "M"');
    await condition.press('Enter');
    await page.locator('.cgmr.conditional').waitFor();
    await page.keyboard.press('Control+Enter');
    await status(page).filter({ hasText: 'Ended' }).waitFor();
    await condition.fill('mode == "S"');
    await condition.press('Enter');
    await page.keyboard.press('Control+Enter');
    await status(page).filter({ hasText: 'At a breakpoint' }).waitFor();
    expect(complaints).toEqual([]);
    await close();
  });
});

describe('the house on the landing page', () => {
  it('prints, is broken, says so, and is scrubbed back', async () => {
    const { page, complaints, close } = await openPage(browser, `${site.url}/`);
    const handler = page.getByRole('textbox', { name: /trap handler/ });
    await page.getByText('Both guests print').waitFor();
    const text = await handler.inputValue();
    await handler.fill(text.replace(/\n.*addi.*\n/, '\n'));
    await page.getByText('the same character again and again').waitFor();
    const slider = page.getByRole('slider', { name: /^Time/ });
    await slider.focus();
    await page.keyboard.press('End');
    expect(await page.getByRole('log', { name: 'What guest A printed' }).innerText()).toMatch(/^0000/);
    await page.keyboard.press('Home');
    expect(await page.getByRole('log', { name: 'What guest A printed' }).innerText()).toBe('');
    await page.keyboard.press('ArrowRight');
    await page.getByText('Guest A asked for a character').waitFor();
    await handler.fill(text.replace('addi', 'addx'));
    await page.getByText(/^Line \d+: unknown instruction/).waitFor();
    await page.getByRole('button', { name: 'Bring the handler back' }).click();
    await page.getByText('Both guests print').waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  it('stands still at the end for those who want no motion', async () => {
    const { page, close } = await openPage(browser, 'about:blank');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto(`${site.url}/`);
    await page.getByText('Both guests print').waitFor();
    const slider = page.getByRole('slider', { name: /^Time/ });
    expect(await slider.getAttribute('aria-valuenow')).toBe(await slider.getAttribute('aria-valuemax'));
    await close();
  });
});

it('works without a network once it was loaded', async () => {
  const { page, close } = await openPage(browser, `${site.url}/`, { offline: true });
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.context().setOffline(true);
  await page.goto(site.url + lesson);
  await ran(page);
  await page.goto(`${site.url}/`);
  await page.getByText('Both guests print').waitFor();
  await page.goto(`${site.url}/nowhere/`);
  expect(await page.title()).toMatch(/not|no/i);
  await close();
});
