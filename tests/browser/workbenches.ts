/** The workbench with a program on it and the views that a test is about, as a link brings them. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { readExample } from '../../src/labs/examples.ts';
import { emptyProject, type Project } from '../../src/labs/project.ts';
import { linkOf } from '../../src/labs/share-link.ts';
import { comeToBench, type OpenedPage, openPage, type PageOptions, type Site } from './harness.ts';

export const allViews = [
  'registers',
  'page-table',
  'memory-map',
  'memory',
  'tlb',
  'traps',
  'schedule',
  'disassembly',
  'devices',
  'tiers',
  'profile',
  'stack',
] as const;

/** A program of `content/examples`. */
export function exampleProject(name: string): Project {
  const folder = new URL(`../../content/examples/${name}/`, import.meta.url);
  const texts = readdirSync(folder).map((file) => [file, readFileSync(new URL(file, folder), 'utf8')]);
  return readExample(name, Object.fromEntries(texts)).project;
}

/** A program of one file of C, on the guest library. */
export const programInC = (text: string): Project => ({
  ...emptyProject,
  title: 'A program in C',
  files: [{ name: 'main.c', text }],
  open: 'main.c',
});

export async function openWorkbench(
  { browser, site }: { readonly browser: Browser; readonly site: Site },
  project: Project,
  options: PageOptions = {},
): Promise<OpenedPage> {
  const opened = await openPage(browser, `${site.url}/bench/#${await linkOf(project)}`, options);
  await comeToBench(opened.page);
  await opened.page.locator('button.primary:enabled').waitFor();
  return opened;
}

/** A view's panel, brought to the front of its pane. */
export async function showView(page: Page, view: string): Promise<Locator> {
  const tab = page.locator(`#bench-tab-${view}`);
  if ((await tab.count()) > 0) await tab.click();
  const panel = page.locator(`#bench-panel-${view}`);
  await panel.locator('[tabindex] > .view').waitFor();
  return panel;
}
