/** The field in which the program stands without Monaco, for a while or by choice: usable at once, left without loss. */
import type { Page, Route } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { barriers } from './barriers.ts';
import { sharedBrowser } from './shared-browser.ts';
import { button, choose, editor, trapsLesson, widthOf } from './steps.ts';

const { open, openBench } = sharedBrowser();

/** A lesson's bench; Monaco comes when `release` is called. */
async function withoutMonaco(options: { readonly dark?: boolean; readonly width?: number } = {}) {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const late = async (route: Route): Promise<void> => {
    await released;
    await route.continue();
  };
  const before = (page: Page) => page.route('**/program-editor*.js', late);
  const page = await open(trapsLesson, { ...options, before });
  await page.locator('.bench').first().scrollIntoViewIfNeeded();
  await page.mouse.move(200, 200);
  const field = page.locator('#editor .sheet textarea').first();
  await page.waitForFunction(
    () => document.querySelector<HTMLTextAreaElement>('#editor .sheet textarea')?.readOnly === false,
  );
  return { page, field, release };
}

/** Monaco's spaces do not break. */
const firstLine = async (page: Page): Promise<string> =>
  (await page.locator('.monaco-editor .view-line').first().innerText()).replaceAll('\u00a0', ' ');

/** Where the text of a line begins, and its colours, by the window. */
const lookOf = (page: Page, selector: string) =>
  page
    .locator(selector)
    .first()
    .evaluate((element) => {
      const box = element.getBoundingClientRect();
      const { color, fontStyle, fontSize } = getComputedStyle(element);
      return {
        left: box.left,
        middle: Math.round((box.top + box.bottom) / 2),
        color,
        fontStyle,
        fontSize,
      };
    });

describe('the program, before Monaco has come', () => {
  it('is typed in; text, caret and undo go over', async () => {
    const { page, field, release } = await withoutMonaco();
    await field.focus();
    await field.evaluate((element: HTMLTextAreaElement) => element.setSelectionRange(0, 0));
    await page.keyboard.type('# one');
    await page.waitForTimeout(600);
    await page.keyboard.type(' two');
    await page.keyboard.press('ArrowLeft');
    release();
    await field.waitFor({ state: 'detached' });
    await page.keyboard.type('X');
    await expect.poll(() => firstLine(page)).toMatch(/^# one twXo# The/);
    await page.keyboard.press('Control+Z');
    await page.keyboard.press('Control+Z');
    await expect.poll(() => firstLine(page)).toMatch(/^# one# The/);
    await page.keyboard.press('Control+Z');
    await expect.poll(() => firstLine(page)).toMatch(/^# The trap handler/);
  });

  it('is run, with a breakpoint', async () => {
    const { page, field, release } = await withoutMonaco();
    await field.focus();
    await field.evaluate((element: HTMLTextAreaElement) => {
      const at = element.value.indexOf('csrr');
      element.setSelectionRange(at, at);
    });
    await page.keyboard.press('F9');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('region', { name: 'Machine' }).getByText('Breakpoint').waitFor();
    release();
    await page.locator('.monaco-editor .breakpoint').waitFor();
  });

  it.each([{ dark: false }, { dark: true }])('looks as it will, dark: $dark', async ({ dark }) => {
    const { page, release } = await withoutMonaco({ dark });
    const before = await lookOf(page, '.paint > span');
    release();
    await page.locator('.monaco-editor .view-line span span').first().waitFor();
    await page.locator('.paint').waitFor({ state: 'detached' });
    // Monaco draws its lines anew when it has the type's measures.
    await expect.poll(() => lookOf(page, '.monaco-editor .view-line span span')).toEqual(before);
  });

  it('has no barrier and no overflow at 360 pixels', async () => {
    const { page } = await withoutMonaco({ width: 360 });
    expect(await widthOf(page)).toBe(360);
    expect(await barriers(page)).toEqual([]);
  });
});

describe('the program as plain text', () => {
  it('has numbers and breakpoints beside it, and goes over and back without loss', async () => {
    const page = await openBench(trapsLesson);
    await button(page, 'Plain text instead').click();
    const field = page.getByRole('textbox', { name: 'handler.S' });
    await field.focus();
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('# plain');
    await page.locator('#editor .gutter').click({ position: { x: 20, y: 58 } });
    await page.getByText('there are some in line 3.').waitFor();
    await button(page, 'Coloured text instead').click();
    await page.locator('.monaco-editor .breakpoint').waitFor();
    await expect.poll(() => firstLine(page)).toMatch(/^# plain# The/);
    await editor(page).click();
    await page.keyboard.press('Control+Z');
    await expect.poll(() => firstLine(page)).toMatch(/^# The trap handler/);
  });

  it('is what something else than typing has made of it', async () => {
    const page = await openBench(trapsLesson);
    await button(page, 'Plain text instead').click();
    const field = page.getByRole('textbox', { name: 'handler.S' });
    await field.fill('# mine');
    await choose(page, 'Text actions', 'Reset text to the starter');
    await expect.poll(() => field.inputValue()).toMatch(/^# The trap handler/);
    await button(page, 'Coloured text instead').click();
    await expect.poll(() => firstLine(page)).toMatch(/^# The trap handler/);
  });
});
