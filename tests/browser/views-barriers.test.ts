/** Every view after a run worth looking at: no barrier, no overflow, no complaint. */
import type { Locator } from 'playwright-core';
import { expect, it } from 'vitest';
import { emptyProject, type Project } from '../../src/labs/project.ts';
import { barriers, barriersInBothThemes } from './barriers.ts';
import { sharedBrowser } from './shared-browser.ts';
import { said, widthOf } from './steps.ts';
import { allViews, exampleProject, programInC, showView } from './workbenches.ts';

const { openWorkbench } = sharedBrowser();

/** So many traps that they are drawn in columns, by code with a name that no column was made for. */
const storm: Project = {
  ...emptyProject,
  title: 'A storm',
  files: [
    {
      name: 'main.S',
      text: `
	.globl	_start
_start:	la	t0, a_handler_with_a_name_that_is_longer_than_any_column_of_any_view
	csrw	mtvec, t0
	li	s0, 20000
1:	ecall
	ebreak
	addi	s0, s0, -1
	bnez	s0, 1b
	li	t0, 0x5555
	li	t1, 0x100000
	sw	t0, 0(t1)
	j	.
a_handler_with_a_name_that_is_longer_than_any_column_of_any_view:
	csrr	t0, mepc
	addi	t0, t0, 4
	csrw	mepc, t0
	mret
`,
    },
  ],
  open: 'main.S',
};

const inC = programInC(`
struct node { const char *name; struct node *next; unsigned long values[4]; };
static struct node nodes[3] = { { "one", &nodes[1] }, { "two", &nodes[2] }, { "three", 0 } };
volatile unsigned long a_total_with_a_name_that_is_longer_than_most;
static unsigned long sum(const struct node *node) {
  return node == 0 ? 0 : node->values[1] + sum(node->next) + 1;
}
int main(void) {
  for (int round = 0; round < 3000; round++) a_total_with_a_name_that_is_longer_than_most += sum(nodes);
  return 0;
}
`);

/** What there is to open, choose and make in a view, as far as it is needed to see all of its parts. */
const openParts = (panel: Locator): Promise<void> =>
  panel.evaluate((element) => {
    const mostRows = 8;
    for (const each of element.querySelectorAll('details')) each.open = true;
    const rows = [...element.querySelectorAll<HTMLElement>('[aria-expanded=false]')].slice(0, mostRows);
    const makers = [...element.querySelectorAll('button')].filter(({ innerText, ariaLabel }) =>
      /^(Profile all|Next trap|Next change|Previous change)/.test(ariaLabel ?? innerText),
    );
    for (const each of [...rows, ...makers]) each.click();
  });

const runs = {
  'a guest in two stages': exampleProject('6-hypervisor'),
  'a storm of traps': storm,
  'a program in C': inC,
};

const sizes = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
];

const cases = Object.entries(runs).flatMap(([name, project]) => sizes.map((size) => ({ name, project, ...size })));

it.each(cases)('$name, $width pixels wide, in both themes', async ({ project, ...size }) => {
  const page = await openWorkbench({ ...project, views: allViews }, size);
  await page.keyboard.press('Control+Enter');
  await said(page, 'Ended');
  await page.keyboard.press('F7');
  const found = await barriers(page);
  for (const view of allViews) {
    const panel = await showView(page, view);
    await openParts(panel);
    await page.waitForTimeout(150);
    found.push(...(await barriersInBothThemes(page, `#bench-panel-${view}`)).map((barrier) => `${view}: ${barrier}`));
    const width = await widthOf(page);
    if (width > size.width) found.push(`${view}: the page is ${width} wide`);
  }
  expect(found).toEqual([]);
});
