/** What a student does with the views, with the keyboard alone. */
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Project } from '../../src/labs/project.ts';
import { sharedBrowser } from './shared-browser.ts';
import { position, said } from './steps.ts';
import { exampleProject, programInC } from './workbenches.ts';

const { openWorkbench } = sharedBrowser();

const recursive = `
struct node { int value; struct node *next; };
static struct node last = { 7, 0 };
static struct node first = { 5, &last };
volatile int total;
int sum(const struct node *node) {
  if (node == 0) return 0;
  return node->value + sum(node->next);
}
int main(void) {
  for (int round = 0; round < 300000; round++) total += sum(&first);
  return 0;
}
`;

/** A bench with one view, whose program has ended. */
async function ended(project: Project, view: string): Promise<Page> {
  const page = await openWorkbench({ ...project, views: [view] });
  await page.keyboard.press('Control+Enter');
  await said(page, 'Ended');
  return page;
}

/** The focus at the top of a view, as if one had come there with the tab key. */
async function enter(page: Page, view: string): Promise<Locator> {
  const panel = page.locator(`#bench-panel-${view}`);
  await panel.locator('[role=group][tabindex="0"]').first().focus();
  return panel;
}

/** What has the focus, by its name. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { activeElement: element } = document;
    return element?.getAttribute('aria-label') ?? element?.textContent?.trim().replace(/\s+/g, ' ') ?? '';
  });

/** Goes on with the tab key until what has the focus is called so. */
async function tabTo(page: Page, name: RegExp, most = 40): Promise<void> {
  const seen: string[] = [];
  for (let each = 0; each < most; each++) {
    await page.keyboard.press('Tab');
    const found = await focused(page);
    if (name.test(found)) return;
    seen.push(found.slice(0, 60));
  }
  throw new Error(`no ${name} among ${seen.join(' | ')}`);
}

/** The position once no key has anything left to move it for. */
async function settled(page: Page): Promise<number> {
  let now = await position(page);
  for (let last = Number.NaN; last !== now; ) {
    last = now;
    await page.waitForTimeout(300);
    now = await position(page);
  }
  return now;
}

/** The focus shows. */
async function isMarked(page: Page): Promise<void> {
  const outline = await page.evaluate(() => {
    const style = getComputedStyle(document.activeElement ?? document.body);
    return { width: style.outlineWidth, line: style.outlineStyle };
  });
  expect(outline).toEqual({ width: '2px', line: 'solid' });
}

async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

/** Waits for the machine to stand where `arrived` says. */
async function comesTo(page: Page, arrived: (at: number) => boolean): Promise<void> {
  await expect.poll(async () => arrived(await position(page)), { timeout: 10_000 }).toBe(true);
}

describe('registers', () => {
  it('are gone through, asked about, and keep the focus while the machine steps', async () => {
    const page = await ended(exampleProject('2-trap-handler'), 'registers');
    const panel = await enter(page, 'registers');
    await tabTo(page, /^zero/);
    await press(page, 'ArrowRight', 'ArrowRight');
    expect(await focused(page)).toMatch(/^sp/);
    await isMarked(page);
    const end = await position(page);
    await press(page, 'F7', 'F7');
    await comesTo(page, (at) => at === end - 2);
    expect(await focused(page)).toMatch(/^sp/);
    await press(page, 'Escape');
    expect(await panel.locator('.about').count()).toBe(0);
    expect(await focused(page)).toMatch(/^zero/);
    await press(page, 'ArrowRight');
    await tabTo(page, /^Who wrote ra/, 2);
    await press(page, 'Enter');
    await comesTo(page, (at) => at < end - 2);
    expect(await focused(page)).toMatch(/^Who wrote ra/);

    await tabTo(page, /mstatus/);
    await press(page, 'ArrowDown');
    expect(await focused(page)).not.toMatch(/mstatus/);
    await press(page, 'ArrowUp', 'Enter');
    await panel.getByRole('table', { name: 'Fields of mstatus' }).waitFor();
    await tabTo(page, /^Who wrote mstatus/, 1);
  });
});

describe('page tables and what they map', () => {
  it('are walked, looked up and chosen from', async () => {
    const page = await ended(exampleProject('6-hypervisor'), 'page-table');
    const panel = await enter(page, 'page-table');
    const headline = panel.locator('.headline');
    const last = await headline.innerText();
    await tabTo(page, /Previous walk/);
    await press(page, 'Enter');
    expect(await headline.innerText()).not.toBe(last);
    for (let each = 0; each < 40; each++) await press(page, 'Enter');
    expect(await focused(page)).toBe('Previous walk');
    await isMarked(page);
    await tabTo(page, /^only failed|^on$/, 4).catch(() => undefined);
    await tabTo(page, /^the page/, 20);
    await press(page, 'Enter');
    await panel.getByText('in the host’s tables').waitFor();
    await tabTo(page, /back to the guest/, 3);
    await press(page, 'Enter');
    await panel.getByText('in the guest’s tables').waitFor();
    expect(await page.evaluate(() => document.activeElement !== document.body)).toBe(true);

    await panel.getByLabel('Address', { exact: true }).focus();
    await page.keyboard.type('0x80012000');
    await press(page, 'Enter');
    await panel.getByText('as the tables are now').waitFor();
    await tabTo(page, /Back to walks/, 4);
    await press(page, 'Enter');
    await panel.getByText('as the tables are now').waitFor({ state: 'hidden' });
    expect(await page.evaluate(() => document.activeElement !== document.body)).toBe(true);
  });

  it('are a map, whose ranges are chosen', async () => {
    const page = await ended(exampleProject('6-hypervisor'), 'memory-map');
    const panel = await enter(page, 'memory-map');
    await tabTo(page, /^0x0/);
    await press(page, 'ArrowDown', 'Enter');
    await panel.locator('.sentence').getByText('0x40000000').waitFor();
    await isMarked(page);
    await press(page, 'F7');
    expect(await focused(page)).toBe('0x40000000');
  });

  it('fill TLBs, from fill to fill', async () => {
    const page = await ended(exampleProject('6-hypervisor'), 'tlb');
    await enter(page, 'tlb');
    const end = await position(page);
    await tabTo(page, /Previous fill/);
    await press(page, 'Enter');
    await comesTo(page, (at) => at < end);
    for (let each = 0; each < 12; each++) await press(page, 'Enter');
    expect(await focused(page)).toBe('Previous fill');
    await tabTo(page, /Next fill/, 1);
    const first = await settled(page);
    await press(page, 'Enter');
    await comesTo(page, (at) => at > first);
  });
});

describe('memory', () => {
  it('is gone to and through, follows pointers and comes back, and says who wrote it', async () => {
    const page = await ended(programInC(recursive), 'memory');
    const panel = await enter(page, 'memory');
    const detail = panel.locator('.detail');
    await tabTo(page, /Address, symbol, register/);
    await page.keyboard.type('nowhere');
    await press(page, 'Enter');
    await panel.getByRole('alert').getByText('“nowhere” is neither').waitFor();
    await press(page, 'Control+a');
    await page.keyboard.type('first+8');
    await press(page, 'Enter');
    await tabTo(page, /^Memory\. Arrow keys/);
    await isMarked(page);
    await detail.getByText(/first\+0x8: byte/).waitFor();
    const there = await detail.innerText();
    await press(page, 'ArrowRight');
    expect(await detail.innerText()).not.toBe(there);
    await press(page, 'ArrowLeft', 'Enter');
    await detail
      .getByText(/\blast\b/)
      .first()
      .waitFor();
    await press(page, 'Backspace');
    expect(await detail.innerText()).toBe(there);
    await press(page, 'F7');
    expect(await focused(page)).toMatch(/^Memory\. Arrow keys/);

    await panel.getByLabel(/^Address, symbol/).fill('total');
    await press(page, 'Enter');
    const end = await settled(page);
    await tabTo(page, /^Who wrote this byte/, 12);
    await press(page, 'Enter');
    await comesTo(page, (at) => at < end);
    expect(await focused(page)).toBe('Who wrote this byte?');
  });
});

describe('pictures over time', () => {
  it('go from trap to trap, and to a cause of the ledger', async () => {
    const page = await ended(exampleProject('2-trap-handler'), 'traps');
    const panel = await enter(page, 'traps');
    const end = await position(page);
    await tabTo(page, /^Traps over time/);
    await press(page, 'ArrowLeft');
    await isMarked(page);
    await panel.locator('.sentence').waitFor();
    await press(page, 'Enter');
    await comesTo(page, (at) => at < end);
    await tabTo(page, /^Go to its handler/, 3);
    await press(page, 'Enter');
    const handler = await position(page);
    expect(await focused(page)).toBe('Go to its handler');
    await tabTo(page, /Environment call|Illegal|fault/);
    await press(page, 'ArrowDown', 'ArrowUp', 'Enter');
    await tabTo(page, /^[\d,]+$/, 1);
    await press(page, 'Enter');
    const chosen = Number((await focused(page)).replaceAll(',', ''));
    await panel.getByRole('button', { name: 'Go before it' }).focus();
    await press(page, 'Enter');
    await comesTo(page, (at) => at === chosen);
    expect(chosen).not.toBe(handler);
    expect(await focused(page)).toBe('Go before it');
  });

  it('show who has the hart, in a part of the run or all of it', async () => {
    const page = await ended(exampleProject('5-two-processes'), 'schedule');
    const panel = await enter(page, 'schedule');
    const end = await position(page);
    await tabTo(page, /^Who has the harts/);
    await press(page, '+', '+');
    const axis = await panel.locator('svg text').allTextContents();
    await press(page, 'Shift+ArrowLeft');
    expect(await panel.locator('svg text').allTextContents()).not.toEqual(axis);
    await press(page, '0', 'ArrowLeft', 'ArrowLeft');
    await panel
      .locator('.chosen')
      .getByText(/^Hart 0 from step/)
      .waitFor();
    await press(page, 'Enter');
    await comesTo(page, (at) => at < end);
    expect(await focused(page)).toMatch(/^Who has the harts/);
  });
});

describe('code', () => {
  it('is disassembled, with breakpoints and a way to run to a line', async () => {
    const page = await ended(exampleProject('2-trap-handler'), 'disassembly');
    const panel = await enter(page, 'disassembly');
    await tabTo(page, /^Address or symbol/);
    await page.keyboard.type('_start');
    await press(page, 'Enter');
    await tabTo(page, /^Instructions\./);
    await isMarked(page);
    const chosen = panel.locator('[aria-selected=true]');
    await chosen.waitFor();
    await press(page, 'ArrowDown', 'ArrowDown', 'ArrowDown', 'F9');
    await chosen.locator('.breakpoint').waitFor();
    await press(page, 'F9');
    await chosen.locator('.breakpoint').waitFor({ state: 'hidden' });
    await press(page, 'Control+Shift+Enter');
    await said(page, 'The machine is off.');
    await press(page, 'F11');
    await said(page, 'Before the first instruction.');
    await expect.poll(() => focused(page)).toMatch(/^Instructions\./);
    await press(page, 'Control+F10');
    await comesTo(page, (at) => at > 1 && at < 10);
    expect(await focused(page)).toMatch(/^Instructions\./);
    await press(page, 'PageDown', 'PageUp', 'End', 'Home', 'ArrowUp');
    expect(await focused(page)).toMatch(/^Instructions\./);
  });

  it('is shown in its tiers', async () => {
    const page = await ended(programInC(recursive), 'tiers');
    const panel = await enter(page, 'tiers');
    await tabTo(page, /^Address or symbol/);
    await page.keyboard.type('sum');
    await press(page, 'Enter');
    await panel.getByText('It is translated').waitFor();
    await tabTo(page, /^Guest instructions/);
    await isMarked(page);
    await tabTo(page, /^WebAssembly/, 1);
  });

  it('is profiled, and its flames are entered and left', async () => {
    const page = await ended(programInC(recursive), 'profile');
    const panel = await enter(page, 'profile');
    await tabTo(page, /^Profile all/);
    await press(page, 'Enter');
    await panel.getByRole('toolbar').waitFor();
    expect(await focused(page)).toMatch(/^Profile all/);
    await tabTo(page, /of the steps|^M, |itself/, 3);
    await press(page, 'ArrowUp', 'ArrowUp');
    const inner = await focused(page);
    await isMarked(page);
    await press(page, 'Enter');
    await panel.getByRole('button', { name: 'Show all of it' }).waitFor();
    expect(await focused(page)).toBe(inner);
    await press(page, 'Escape');
    await panel.getByRole('button', { name: 'Show all of it' }).waitFor({ state: 'hidden' });
    expect(await focused(page)).toBe(inner);
  });

  it('has a stack: frames, variables that open, expressions', async () => {
    const project = { ...programInC(recursive), views: ['stack'] };
    const page = await openWorkbench(project);
    await page.getByRole('tab', { name: 'main.c' }).focus();
    await tabTo(page, /lets the Tab key leave the editor/, 4);
    for (let each = 1; each < 7; each++) await press(page, 'ArrowDown');
    await press(page, 'F9', 'Control+Enter');
    await said(page, 'Next: main.c:7.');
    const panel = await enter(page, 'stack');
    await tabTo(page, /^sum/, 2);
    await press(page, 'ArrowDown');
    expect(await focused(page)).toMatch(/^main/);
    await press(page, 'Enter');
    await panel.getByText('Variables of main').waitFor();
    await press(page, 'ArrowUp', 'Enter');
    await tabTo(page, /^Parts of node$/, 3);
    await press(page, 'Enter');
    await panel.getByRole('rowheader', { name: /next/ }).waitFor();
    await press(page, 'ArrowDown');
    expect(await focused(page)).toMatch(/^Parts of/);
    await isMarked(page);
    await press(page, 'Home', 'F11');
    expect(await focused(page)).toMatch(/^Parts of node$/);
    await tabTo(page, /^$/, 10);
    await page.keyboard.type('first.next->value');
    await press(page, 'Enter');
    await panel.getByRole('row', { name: /first\.next->value 7/ }).waitFor();
    await tabTo(page, /^Remove first/, 3);
    await press(page, 'Enter');
    expect(await page.evaluate(() => document.activeElement !== document.body)).toBe(true);
  });
});

describe('devices', () => {
  it('are opened one by one', async () => {
    const page = await ended(exampleProject('1-hello'), 'devices');
    const panel = await enter(page, 'devices');
    await tabTo(page, /Test finisher/);
    await press(page, 'ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter');
    await panel.getByRole('table', { name: /Sources of interrupts/ }).waitFor();
    await isMarked(page);
    await tabTo(page, /^Switchboard/, 1);
  });
});
