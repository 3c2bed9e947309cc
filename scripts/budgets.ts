/**
 * Measures the built site against its budgets, in Chromium: `node scripts/budgets.ts [--minutes N]`. Times depend on the
 * machine, so nothing here fails; docs/design.md says what is hoped for.
 */
import { gzipSync } from 'node:zlib';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { comeToBench, launchBrowser, openPage, serveSite } from '../tests/browser/harness.ts';
import { dragging } from './budgets/drag.ts';

const lesson = '/lessons/03-privilege-and-traps/';
const throttling = 4;
const kibi = 1024;

/** A program that traps without end: one guest instruction in a few is an `ecall`. */
const storm = '\t.globl handle_trap\nhandle_trap:\n\tcsrr t0, sepc\n\tcsrw sepc, t0\n\tret\n';

const minutes = Number(process.argv[process.argv.indexOf('--minutes') + 1]) || 0;
const site = await serveSite();
const browser = await launchBrowser();

function tell(what: string, figure: string, budget: string): void {
  process.stdout.write(`${what.padEnd(58)} ${figure.padStart(12)}   ${budget}\n`);
}

/** Compressed bytes of every script that a page and its workers load by themselves. */
async function scriptsOf(browser: Browser, path: string): Promise<number> {
  const { page, close } = await openPage(browser, 'about:blank');
  const bodies: Promise<Buffer>[] = [];
  page.context().on('response', (response) => {
    if (/\.m?js($|\?)/.test(response.url()) && !response.url().endsWith('service-worker.js'))
      bodies.push(response.body());
  });
  await page.goto(site.url + path, { waitUntil: 'networkidle' });
  const sizes = (await Promise.allSettled(bodies)).map((each) =>
    each.status === 'fulfilled' ? gzipSync(each.value).length : 0,
  );
  await close();
  return sizes.reduce((total, size) => total + size, 0);
}

async function throttled(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: throttling });
  return session;
}

/** Milliseconds from the navigation until something can be used. */
async function usableAfter(path: string, ready: (page: Page) => Promise<unknown>): Promise<number> {
  const { page, close } = await openPage(browser, 'about:blank');
  await throttled(page);
  await page.goto(site.url + path, { waitUntil: 'commit' });
  const began = Date.now();
  await ready(page);
  const took = Date.now() - began;
  await close();
  return took;
}

const runButton = (page: Page) => page.getByRole('button', { name: /^Run( Ctrl.*)?$/ });
const whenRunnable = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => {
    const button = [...document.querySelectorAll('button')].find((each) => each.textContent?.trim().startsWith('Run'));
    return button !== undefined && !button.disabled;
  });

const whenEditable = (page: Page): Promise<unknown> =>
  page.waitForFunction(
    () => document.querySelector<HTMLTextAreaElement>('#editor .sheet textarea')?.readOnly === false,
  );

async function stormPage() {
  const opened = await openPage(browser, site.url + lesson);
  const { page } = opened;
  await comeToBench(page);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((text) => navigator.clipboard.writeText(text), storm);
  await page.locator('.monaco-editor .view-lines').click();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Control+V');
  for (let y = 0; y < 8000; y += 400) await page.mouse.wheel(0, 400);
  await page.waitForTimeout(500);
  return opened;
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of the processor's time. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** Milliseconds of the processor's time that the longest task of a page took: others who are busy here change nothing. */
function busiest(trace: Buffer): number {
  const { traceEvents } = JSON.parse(trace.toString()) as { readonly traceEvents: readonly TraceEvent[] };
  const placeOf = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const named = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  const mains = new Set(named.map(placeOf));
  const tasks = traceEvents.filter((event) => event.name.endsWith('RunTask') && mains.has(placeOf(event)));
  return Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1000));
}

interface Load {
  readonly longest: number;
  readonly busiest: number;
  readonly frames: number;
}

/** The longest tasks and the frames of a page while its guest traps as fast as it can. */
async function underLoad(seconds: number): Promise<Load> {
  const { page, close } = await stormPage();
  await page.evaluate(() => {
    const record = { longest: 0, frames: 0 };
    Object.assign(window, { record });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) record.longest = Math.max(record.longest, duration);
    }).observe({ type: 'longtask' });
    const count = (): void => {
      record.frames++;
      requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
  });
  await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'] });
  await runButton(page).click();
  await page.waitForTimeout(seconds * 1000);
  const record = await page.evaluate(
    () => (window as unknown as { record: { longest: number; frames: number } }).record,
  );
  const trace = await browser.stopTracing();
  await close();
  return { ...record, frames: record.frames / seconds, busiest: busiest(trace) };
}

type Send = (method: string) => Promise<unknown>;

/** Speaks to the machine's worker, through its page's session: the driver has no session for workers. */
async function workerOf(session: CDPSession): Promise<Send> {
  const answers = new Map<number, (result: unknown) => void>();
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result } = JSON.parse(message) as { readonly id: number; readonly result: unknown };
    answers.get(id)?.(result);
    answers.delete(id);
  });
  const attached = new Promise<string>((resolve) => {
    session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
      if (/\/worker-[^/]*$/.test(targetInfo.url)) resolve(sessionId);
    });
  });
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const sessionId = await attached;
  let id = 0;
  return (method) =>
    new Promise((resolve) => {
      answers.set(++id, resolve);
      void session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) });
    });
}

/** Bytes of objects and of buffers, once garbage is gone. */
async function heapOf(send: Send): Promise<number> {
  await send('HeapProfiler.collectGarbage');
  const usage = (await send('Runtime.getHeapUsage')) as {
    readonly usedSize: number;
    readonly backingStorageSize?: number;
  };
  return usage.usedSize + (usage.backingStorageSize ?? 0);
}

interface Held {
  readonly page: number;
  readonly worker: number;
}

/** What the page and the machine's worker hold at each minute of a run. */
async function memoryOver(minutes: number): Promise<Held[]> {
  const { page, close } = await stormPage();
  const session = await page.context().newCDPSession(page);
  const toPage: Send = (method) => session.send(method as 'Runtime.getHeapUsage');
  const toWorker = await workerOf(session);
  await runButton(page).click();
  const sizes: Held[] = [];
  for (let minute = 0; minute <= minutes; minute++) {
    sizes.push({ page: await heapOf(toPage), worker: await heapOf(toWorker) });
    if (minute < minutes) await page.waitForTimeout(60_000);
  }
  await close();
  return sizes;
}

tell(
  'scripts of the landing page, compressed',
  `${Math.round((await scriptsOf(browser, '/')) / kibi)} KiB`,
  'at most 150 KiB',
);
tell('scripts of a lesson, compressed', `${Math.round((await scriptsOf(browser, lesson)) / kibi)} KiB`, '');
const run = await usableAfter(lesson, whenRunnable);
tell(`a lesson's Run can be pressed, processor ${throttling} times slower`, `${run} ms`, 'at most 1,500 ms');
const edit = await usableAfter(lesson, whenEditable);
tell(`its program can be typed in, processor ${throttling} times slower`, `${edit} ms`, '');
const monaco = await usableAfter(lesson, comeToBench);
tell(`Monaco is there, if one goes to the bench at once`, `${monaco} ms`, '');
const load = await underLoad(8);
tell('frames a second in a storm of traps, all views open', load.frames.toFixed(0), '60');
tell('longest task meanwhile', `${load.longest.toFixed(0)} ms`, 'at most 50 ms');
tell('the same by the processor’s time, on a machine that is busy', `${load.busiest.toFixed(0)} ms`, 'at most 50 ms');
const dragged = await dragging(browser, site.url);
const run50 = `${(dragged.steps / 1e6).toFixed(1)} million steps`;
tell(`a position shown after a drag, run of ${run50}, median`, `${dragged.median.toFixed(0)} ms`, 'at most 50 ms');
tell('the same, at worst', `${dragged.worst.toFixed(0)} ms`, '');
if (minutes > 0) {
  const sizes = await memoryOver(minutes);
  for (const place of ['page', 'worker'] as const) {
    const figures = sizes.map((size) => (size[place] / kibi ** 2).toFixed(0));
    tell(`MiB that the ${place} holds, minute by minute`, figures.join(' '), 'stable');
  }
}
await browser.close();
await site.close();
