/** Going through time, as a student does on the bench and a visitor on the landing page; and all of it offline. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { barriers } from './barriers.ts';
import { comeToBench } from './harness.ts';
import { sharedBrowser } from './shared-browser.ts';
import { bench, button, editor, said, standsAt, status, time, trapsLesson } from './steps.ts';
import { programInC } from './workbenches.ts';

const { open, openBench, openWorkbench } = sharedBrowser();

/** Where the slider stands, and how far it goes. */
async function positions(page: Page): Promise<readonly [here: number, tip: number]> {
  const read = async (name: string): Promise<number> => Number(await time(page).getAttribute(name));
  return [await read('aria-valuenow'), await read('aria-valuemax')];
}

/** With its run at the end. */
async function ran(page: Page): Promise<void> {
  await comeToBench(page);
  await page.keyboard.press('Control+Enter');
  await said(page, 'Ended');
}

describe('a run on the bench', () => {
  it('is visited with the keyboard, step by step and from end to end', async () => {
    const page = await open(trapsLesson);
    await ran(page);
    const [end, tip] = await positions(page);
    expect([end > 1000, end]).toEqual([true, tip]);
    await time(page).focus();
    await page.keyboard.press('Home');
    await said(page, `Step 0 of ${tip.toLocaleString('en')}`);
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
    await said(page, 'Ended');
  });

  it('is dragged through, and goes on from there to the same end', async () => {
    const page = await open(trapsLesson);
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
    await said(page, 'Ended');
    expect(await status(page).innerText()).toBe(ended);
    expect(await positions(page)).toEqual([tip, tip]);
  });

  it('leaves nothing behind when it is restarted while it prints', async () => {
    const counts = '#include <rt/printf.h>\nint main(void) {\n  for (int i = 0;; i++) printf("%d\\n", i);\n}\n';
    const page = await openWorkbench(programInC(counts));
    for (let round = 0; round < 3; round++) {
      await page.keyboard.press('Control+Enter');
      await page.waitForFunction(() => /\d{3}/.test(document.querySelector('.xterm-rows')?.textContent ?? ''));
      await page.getByRole('button', { name: 'Restart machine' }).click();
      await page.waitForTimeout(500);
      expect(await status(page).innerText()).toBe('The machine is off.');
      expect(await positions(page)).toEqual([0, 0]);
      expect((await page.locator('.xterm-rows').innerText()).trim()).toBe('');
    }
  });

  it('is marked with bookmarks, which are named, gone to, and void with another program', async () => {
    const page = await open(trapsLesson);
    await ran(page);
    const [, tip] = await positions(page);
    await time(page).focus();
    await page.keyboard.press('Shift+ArrowLeft');
    const marked = tip - Math.round(tip / 20);
    await standsAt(page, marked);
    await said(page, 'Next:');
    await page.keyboard.press('F2');
    await page.keyboard.press('F2');
    const name = page.getByRole('textbox', { name: /^Name of the bookmark/ });
    await name.fill('near the end');
    await name.press('Enter');
    await time(page).focus();
    await page.keyboard.press('ArrowLeft');
    await standsAt(page, marked - 1);
    await page.keyboard.press('PageDown');
    await said(page, 'Bookmark “near the end”');
    await page.getByRole('tab', { name: 'handler.S' }).first().click();
    await editor(page).click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('.word 0\n');
    await page.keyboard.press('Control+Enter');
    await button(page, 'Bookmarks: 0 of 1').click();
    const list = page.getByRole('dialog', { name: 'Bookmarks' });
    await list.getByText('Of another program').waitFor();
    expect(await barriers(page)).toEqual([]);
    expect(await button(list, /^step/).isDisabled()).toBe(true);
    await button(list, /^Remove the one/).click();
    await list.getByText('None yet').waitFor();
  });

  it('stops at a breakpoint only if its condition holds', async () => {
    const page = await openBench(trapsLesson);
    await bench(page).getByRole('tab', { name: 'handler.S' }).click();
    await page.locator('.monaco-editor .view-line', { hasText: 'csrr' }).first().click();
    await page.keyboard.press('F9');
    await page.getByText('Stops').click();
    const condition = page.getByRole('textbox', { name: /^Condition of the breakpoint/ });
    await condition.fill('mode == "M"');
    await condition.press('Enter');
    await page.locator('.cgmr.conditional').waitFor();
    await page.keyboard.press('Control+Enter');
    await said(page, 'Ended');
    await condition.fill('mode == "S"');
    await condition.press('Enter');
    await page.keyboard.press('Control+Enter');
    await said(page, 'At a breakpoint');
  });
});

describe('the house on the landing page', () => {
  it('prints, is broken, says so, and is scrubbed back', async () => {
    const page = await open('/');
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
    await button(page, 'Bring the handler back').click();
    await page.getByText('Both guests print').waitFor();
  });

  it('stands still at the end for those who want no motion', async () => {
    const page = await open('/', { before: (page) => page.emulateMedia({ reducedMotion: 'reduce' }) });
    await page.getByText('Both guests print').waitFor();
    const slider = page.getByRole('slider', { name: /^Time/ });
    expect(await slider.getAttribute('aria-valuenow')).toBe(await slider.getAttribute('aria-valuemax'));
  });
});

it('works without a network once it was loaded', async () => {
  const page = await open('/', { offline: true, mayComplain: true });
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.context().setOffline(true);
  await page.goto(trapsLesson);
  await ran(page);
  await page.goto('/');
  await page.getByText('Both guests print').waitFor();
  await page.goto('/nowhere/');
  expect(await page.title()).toMatch(/not|no/i);
});
