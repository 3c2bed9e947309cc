/** What a student does with the first lesson, from the blank handler to the file that is handed in. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { comeToBench } from './harness.ts';
import { sharedBrowser } from './shared-browser.ts';
import { bench, button, editor, machine, retype, said, standsAt, trapsLesson } from './steps.ts';

const slug = '03-privilege-and-traps';
const solution = readFileSync(new URL(`../../content/lessons/${slug}/solution/handler.S`, import.meta.url), 'utf8');
const endless = '\t.globl handle_trap\nhandle_trap:\n\tj .\n';

const { open, openBench } = sharedBrowser();

const openLesson = (): Promise<Page> => openBench(trapsLesson);

const textOf = (page: Page): Promise<string> =>
  page.evaluate((key) => JSON.parse(localStorage.getItem(key) ?? '{}').texts['handler.S'], `guesthouse:work:${slug}`);

describe('a lesson', () => {
  it('can be read before any script runs', async () => {
    const page = await open(trapsLesson, { scripts: false });
    const body = await page.locator('main').innerText();
    expect(body).toContain('A program computes.');
    expect(body).toContain('handle_trap:');
    expect(body).toContain('You can read the trace');
  });

  it('marks a mistake while one types, says how to mend it, and forgets it once mended', async () => {
    const page = await openLesson();
    await editor(page).click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('\n\taddd t0, t1, t2');
    await page.locator('.squiggly-error').waitFor();
    const problems = page.getByRole('status', { name: 'Problems in the program' });
    expect(await problems.innerText()).toMatch(/handler\.S:\d+[\s\S]*addd[\s\S]*add/);
    await page.keyboard.press('Control+Shift+ArrowLeft');
    for (let each = 0; each < 16; each++) await page.keyboard.press('Backspace');
    await problems.waitFor({ state: 'detached' });
    expect(await page.locator('.squiggly-error').count()).toBe(0);
  });

  it('lays the editor out with its own style sheet', async () => {
    const page = await openLesson();
    await page.waitForFunction(() => {
      const line = document.querySelector('.monaco-editor .view-line');
      return line !== null && getComputedStyle(line).position === 'absolute';
    });
  });

  it('explains instructions and CSRs where the pointer rests, and offers what may be written', async () => {
    const page = await openLesson();
    await page
      .locator('.monaco-editor .view-line span', { hasText: /^scause$/ })
      .last()
      .hover();
    const hover = page.locator('.monaco-hover:visible');
    await hover.getByText('CSR 0x142').waitFor();
    await editor(page).click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('\n\tsfen');
    await page.locator('.suggest-widget.visible').getByText('sfence.vma').first().waitFor();
  });

  it('is edited as plain text by whoever chooses that, now and later', async () => {
    const page = await openLesson();
    await button(page, 'Plain text instead').click();
    const field = page.getByRole('textbox', { name: 'handler.S' });
    await field.fill(solution);
    await field.press('F9');
    await page.getByText(/there are some in line \d+/).waitFor();
    await field.press('F9');
    await page.reload();
    await field.waitFor();
    expect(await field.inputValue()).toBe(solution);
    expect(await page.locator('.monaco-editor').count()).toBe(0);
    await page.keyboard.press('Control+Enter');
    await said(page, /^Ended/);
    await button(page, 'Coloured text instead').click();
    await editor(page).waitFor();
  });

  it('steps by instruction and shows what changed, the mode and the line that is next', async () => {
    const page = await openLesson();
    await page.keyboard.press('F11');
    await said(page, 'Before the first instruction.');
    await bench(page).getByRole('tab', { name: 'firmware.S' }).and(page.locator('[aria-selected=true]')).waitFor();
    await page.locator('.next-line-m').first().waitFor();
    for (let each = 0; each < 3; each++) {
      await page.keyboard.press('F11');
      await standsAt(page, each + 1);
    }
    expect(await machine(page).getByText('M', { exact: true }).count()).toBe(1);
    expect(await bench(page).locator('.changed').count()).toBeGreaterThan(0);
  });

  it('stops at a breakpoint that was set with F9', async () => {
    const page = await openLesson();
    await bench(page).getByRole('tab', { name: 'handler.S' }).click();
    await page.locator('.monaco-editor .view-line', { hasText: 'csrr' }).first().click();
    await page.keyboard.press('F9');
    await page.locator('.cgmr.breakpoint').waitFor();
    await page.keyboard.press('Control+Enter');
    await said(page, /At a breakpoint\..*handler\.S:\d+/);
    expect(await machine(page).getByText('S', { exact: true }).count()).toBe(1);
  });

  it('pauses a program that never ends, at once, and goes on', async () => {
    const page = await openLesson();
    await retype(page, endless);
    await page.keyboard.press('Control+Enter');
    await said(page, 'Past the');
    await button(machine(page), /^Pause/).click();
    await said(page, 'Paused. Next: handler.S:3.');
    await button(machine(page), /^Go on/).click();
    await said(page, 'Running main');
    await button(machine(page), /^Pause/).click();
    await said(page, 'Paused.');
  });

  it('resets the text and brings it back', async () => {
    const page = await openLesson();
    await retype(page, endless);
    await button(page, 'Text actions').click();
    await page.getByRole('menuitem', { name: 'Reset text to the starter' }).click();
    await editor(page).getByText('ECALL_FROM_U').first().waitFor();
    await button(page, 'Bring my text back').click();
    await page.waitForFunction(() => document.querySelector('.view-lines')?.textContent?.includes('j'));
    await page.waitForTimeout(500);
    expect(await textOf(page)).toBe(endless);
  });
});

/** From the end of the trace back to the second-last page fault: the last one is the store that is not served. */
async function selectLastServedFault(page: Page): Promise<void> {
  const question = page.getByRole('region', { name: 'Question' }).filter({ hasText: 'In its trace' });
  await button(question, 'Run variant').click();
  await said(page, 'Ended');
  let faults = 0;
  while (faults < 2) {
    await button(question, 'Previous trap').click();
    const sentence = await question.locator('.sentence').innerText();
    if (/page fault/.test(sentence)) faults++;
  }
  await button(question, /^Answer/).click();
  await question.getByText('Your answer: the event at').waitFor();
}

it('is solved, checked, kept, handed in, graded and loaded again', async () => {
  const page = await openLesson();
  const student = page.getByLabel('Student').first();
  await student.fill('Ada Lovelace');
  await student.press('Tab');

  const prediction = page.getByRole('region', { name: 'Prediction' }).first();
  await prediction.getByRole('textbox').fill('seventeen');
  await button(prediction, 'Lock it in').click();
  await prediction.getByText('whole number').waitFor();
  await prediction.getByRole('textbox').fill('17');
  await button(prediction, 'Lock it in').click();
  expect(await prediction.getByRole('textbox').count()).toBe(0);

  await button(page, 'Check my work').click();
  const checks = page.getByRole('region', { name: 'Checks' });
  await checks.getByText('0 of 7 pass').waitFor();
  expect(await checks.locator('.why').count()).toBe(7);

  await retype(page, solution);
  await checks.getByText('0 of 7 passed, before the last change').waitFor();
  expect(await checks.locator('.why').count()).toBe(7);
  await page.keyboard.press('Control+Enter');
  await said(page, 'Ended: exit code 0.');
  await prediction.getByText('6 too few').waitFor();
  await bench(page).getByRole('tab', { name: 'Traps' }).click();
  const ledger = bench(page).getByRole('table', { name: /Ledger: 23 traps/ });
  expect(await ledger.innerText()).toMatch(/Environment call from U-mode/);
  expect(await ledger.innerText()).toMatch(/page fault/);
  const tables = page.getByRole('region', { name: 'Page tables' });
  expect(await tables.innerText()).toMatch(/VPN\[2\][\s\S]*Level 0/);
  expect(await bench(page).locator('.xterm-rows').innerText()).not.toBe('');

  await selectLastServedFault(page);
  await page.getByLabel('None: the byte is sent').check();
  await button(page, 'Check my work').click();
  await checks.getByText('7 of 7 pass').waitFor();

  await page.reload();
  await comeToBench(page);
  await page.getByText('all passed once').waitFor();
  expect(await student.inputValue()).toBe('Ada Lovelace');
  expect(await textOf(page)).toBe(solution);
  expect(await page.getByLabel('None: the byte is sent').isChecked()).toBe(true);
  await prediction.getByText('17').first().waitFor();

  const waiting = page.waitForEvent('download');
  await button(page, 'Download my submission').click();
  const download = await waiting;
  expect(download.suggestedFilename()).toBe(`${slug}.ada-lovelace.json`);
  const file = join(mkdtempSync(join(tmpdir(), 'guesthouse-')), 'work.json');
  await download.saveAs(file);
  expect(await main(['grade', slug, file], { write: () => {}, complain: () => {} })).toBe(0);

  const other = await openLesson();
  await other.getByLabel('Submission file').setInputFiles(file);
  await other.getByText('Loaded work.json').waitFor();
  await button(other, 'Check my work').click();
  await other.getByText('7 of 7 pass').first().waitFor();
  await other
    .getByLabel('Submission file')
    .setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{') });
  await other
    .getByRole('alert')
    .filter({ hasText: /submission|JSON/i })
    .waitFor();
});
