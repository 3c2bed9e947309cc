/** How soon a position is shown while the strip of a long run is dragged: from the pointer's move to the painted figures. */
import type { Browser, Page } from 'playwright-core';
import { emptyProject, type Project } from '../../src/labs/project.ts';
import { linkOf } from '../../src/labs/share-link.ts';
import { openPage } from '../../tests/browser/harness.ts';

/** A thousand steps, half of which load or store, and an `ecall`: fifty thousand times. */
const program = `	.globl _start
_start:	la t0, handler
	csrw mtvec, t0
	li s0, 50000
	la s2, cells
again:	li s1, 124
loop:	andi t1, s1, 63
	slli t1, t1, 3
	add t1, t1, s2
	ld t2, (t1)
	add t2, t2, s1
	sd t2, (t1)
	addi s1, s1, -1
	bnez s1, loop
	ecall
	addi s0, s0, -1
	bnez s0, again
	li t0, 0x100000
	li t1, 0x5555
	sw t1, (t0)
	.balign 4
handler:
	csrr t0, mepc
	addi t0, t0, 4
	csrw mepc, t0
	mret
	.bss
	.balign 8
cells:	.zero 512
`;

const project: Project = {
  ...emptyProject,
  files: [{ name: 'main.S', text: program }],
  views: ['registers', 'traps'],
};

const moves = 120;
const mostWaiting = 300_000;

export interface Dragged {
  readonly steps: number;
  readonly median: number;
  readonly worst: number;
}

interface Record {
  readonly times: number[];
  moved: number;
}

/** In the page: from each move of the pointer to the frame in which the machine's bar has the position under it. */
function watch(): void {
  const record: Record = { times: [], moved: 0 };
  Object.assign(window, { record });
  const bar = document.querySelector('[aria-label=Machine]');
  const slider = bar?.querySelector('[role=slider]');
  const step = [...(bar?.querySelectorAll('dl > div') ?? [])].find((each) => each.textContent?.includes('step'));
  const figure = step?.querySelector('dd');
  slider?.addEventListener('pointermove', () => {
    record.moved = performance.now();
  });
  const look = (): void => {
    const wanted = Number(slider?.getAttribute('aria-valuenow')).toLocaleString('en');
    if (record.moved === 0 || figure?.textContent !== wanted) return;
    const { moved } = record;
    record.moved = 0;
    requestAnimationFrame(() => record.times.push(performance.now() - moved));
  };
  if (figure) new MutationObserver(look).observe(figure, { childList: true, characterData: true, subtree: true });
}

const timesOf = (page: Page): Promise<readonly number[]> =>
  page.evaluate(() => (window as unknown as { record: Record }).record.times);

/** Anywhere in the run, near and far, the same each time. */
const placeOf = (index: number): number => 0.02 + 0.96 * ((index * 0.618_033_988_749_895) % 1);

export async function dragging(browser: Browser, url: string): Promise<Dragged> {
  const { page, close } = await openPage(browser, `${url}/bench/#${await linkOf(project)}`);
  const machine = page.getByRole('region', { name: 'Machine' });
  await machine.getByRole('button', { name: /^Run/ }).click();
  await machine.getByRole('status').filter({ hasText: 'Ended' }).waitFor({ timeout: mostWaiting });
  const strip = machine.getByRole('slider');
  const box = await strip.boundingBox();
  if (box === null) throw new Error('There is no strip to drag.');
  const steps = Number(await strip.getAttribute('aria-valuemax'));
  await page.evaluate(watch);
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width - 2, y);
  await page.mouse.down();
  for (let index = 0; index < moves; index++) {
    await page.mouse.move(box.x + box.width * placeOf(index), y);
    await page.waitForFunction((count) => (window as unknown as { record: Record }).record.times.length > count, index);
  }
  await page.mouse.up();
  const times = [...(await timesOf(page))].sort((a, b) => a - b);
  await close();
  return { steps, median: times[times.length >> 1] ?? 0, worst: times.at(-1) ?? 0 };
}
