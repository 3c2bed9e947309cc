/** Several works in one browser, the same work in several tabs, and what somebody may bring by mistake. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { comeToBench } from './harness.ts';
import { sharedBrowser } from './shared-browser.ts';
import { button, choose, said, told } from './steps.ts';

const { open, openBench } = sharedBrowser();

const title = (page: Page) => page.getByLabel('Title of the work');

async function another(page: Page): Promise<Page> {
  const other = await page.context().newPage();
  await other.goto('/bench/');
  await comeToBench(other);
  return other;
}

describe('works that are kept', () => {
  it('stand beside each other, are opened and deleted by name', async () => {
    const page = await openBench('/bench/');
    await title(page).fill('The first');
    await choose(page, /^New from/, 'A trap handler');
    await told(page, 'Started from “A trap handler”.');
    await title(page).fill('The second');
    await page.reload();
    await comeToBench(page);
    expect(await title(page).inputValue()).toBe('The second');

    await choose(page, /^Open files/, 'The first');
    await told(page, 'Opened “The first”.');
    expect(await title(page).inputValue()).toBe('The first');
    await choose(page, /^Open files/, 'Delete this work');
    await button(page, 'Keep it').click();
    expect(await title(page).inputValue()).toBe('The first');
    await choose(page, /^Open files/, 'Delete this work');
    await button(page, 'Delete it').click();
    await told(page, 'Deleted “The first”.');
    expect(await title(page).inputValue()).toBe('The second');
    await button(page, 'Bring back what was there').click();
    expect(await title(page).inputValue()).toBe('The first');
    await page.reload();
    await comeToBench(page);
    expect(await title(page).inputValue()).toBe('The first');
  });

  it('do not pile up where somebody only looks at examples', async () => {
    const page = await openBench('/bench/');
    for (const name of ['A trap handler', 'Sv39', 'Two processes']) await choose(page, /^New from/, name);
    await button(page, /^Open files/).click();
    expect(await page.getByRole('menuitemcheckbox').count()).toBe(1);
  });

  it('stay what they are when they cannot be read', async () => {
    const page = await open('/');
    await page.evaluate(() => localStorage.setItem('guesthouse:bench', '{"format":"guesthouse-bench","version":9}'));
    await page.goto('/bench/');
    await comeToBench(page);
    await page.getByRole('alert').getByText('Your kept work cannot be read.').waitFor();
    await title(page).fill('New');
    expect(await page.evaluate(() => localStorage.getItem('guesthouse:bench'))).toContain('"version":9');
    await page.reload();
    await comeToBench(page);
    expect(await title(page).inputValue()).toBe('New');
  });
});

describe('one work in two tabs', () => {
  it('is not written over by the tab that did not look', async () => {
    const page = await openBench('/bench/');
    await title(page).fill('Shared');
    const other = await another(page);
    expect(await title(other).inputValue()).toBe('Shared');
    await title(page).fill('From the first tab');
    await other.getByRole('alert').getByText('Another tab has changed this work.').waitFor();
    await title(other).fill('From the second tab');
    await button(other, 'Keep this as a work of its own').click();
    await told(other, 'What is here is a work of its own now');
    await page.reload();
    await comeToBench(page);
    expect(await title(page).inputValue()).toBe('From the first tab');
    await other.reload();
    await comeToBench(other);
    expect(await title(other).inputValue()).toBe('From the second tab');
  });

  it('takes what the other tab has, and can go back', async () => {
    const page = await openBench('/bench/');
    await title(page).fill('Shared');
    const other = await another(page);
    await title(page).fill('From the first tab');
    await button(other, 'Take what it has').click();
    await told(other, 'This is what the other tab has.');
    expect(await title(other).inputValue()).toBe('From the first tab');
    await button(other, 'Bring back what was there').click();
    expect(await title(other).inputValue()).toBe('Shared');
    await page.reload();
    await comeToBench(page);
    expect(await title(page).inputValue()).toBe('From the first tab');
  });
});

describe('what is brought by mistake', () => {
  const zip = Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0]);
  const latin = Buffer.from('int gr\xf6\xdfe;\n', 'latin1');
  const rows: readonly (readonly [string, string, Buffer, RegExp])[] = [
    ['an archive', 'work.zip', zip, /work\.zip: it is packed: unpack it/],
    ['a source in another encoding', 'old.c', latin, /old\.c: .*save it as UTF-8/],
    ['a binary with the name of a source', 'a.S', Buffer.from([1, 0, 2, 0]), /a\.S: its name says text, but it is not/],
    ['a source that is too long', 'long.c', Buffer.alloc(1_000_001, 'x'), /long\.c: .*at most 1 MB/],
    ['a name that no build takes', 'größe 1.c', Buffer.from('int x;'), /rename it/],
    ['half an ELF file', 'half.elf', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2]), /half\.elf: /],
    [
      'a saved work that is cut',
      'w.json',
      Buffer.from('{"format":"guesthouse-bench","ver'),
      /cannot be opened.*cut short/,
    ],
    ['a work of another version', 'v.json', Buffer.from('{"format":"guesthouse-bench","version":7}'), /version 7/],
  ];
  it('is told in words, and changes nothing', async () => {
    const page = await openBench('/bench/');
    await title(page).fill('Mine');
    for (const [what, name, buffer, why] of rows) {
      await page.getByLabel('Files to open').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
      const told = page.locator('.news').getByRole('alert');
      await expect
        .poll(() => told.allInnerTexts(), { message: what, timeout: 10_000 })
        .toEqual([expect.stringMatching(why)]);
      expect(await title(page).inputValue(), what).toBe('Mine');
      expect(await page.getByRole('tablist', { name: 'Files' }).getByRole('tab').count(), what).toBe(1);
    }
  });

  it.each(['#work=', '#work=%%%', '#work=AAAA', '#work=eJw', '#something'])(
    'is a link that ends in %s',
    async (hash) => {
      const page = await openBench(`/bench/${hash}`);
      if (hash.startsWith('#work')) await told(page, /The link brings nothing\. It is damaged/);
      expect(await title(page).inputValue()).toBe('Hello over UART');
    },
  );

  it('is a browser that keeps nothing: works, and says so', async () => {
    const page = await open('/');
    await page.addInitScript(() => {
      const refused = (): never => {
        throw new DOMException('denied', 'SecurityError');
      };
      for (const name of ['localStorage', 'sessionStorage', 'indexedDB']) {
        Object.defineProperty(window, name, { get: refused });
      }
    });
    await page.goto('/bench/');
    await comeToBench(page);
    await title(page).fill('Lost');
    await page.getByRole('alert').getByText('This browser does not keep your work.').waitFor();
    await page.keyboard.press('Control+Enter');
    await said(page, 'Ended');
  });
});
