/** A browser, the built site on a loopback port, and pages that fail a test when their console is not clean. */
import { createReadStream, existsSync, mkdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));
const site = join(root, 'dist');

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
};

export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves `dist` as a plain static host does. */
export async function serveSite(folder = site): Promise<Site> {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname));
    let file = join(folder, path);
    if (existsSync(file) && statSync(file).isDirectory()) file = join(file, 'index.html');
    const found = file.startsWith(folder) && existsSync(file);
    const sent = found ? file : join(folder, '404.html');
    response.writeHead(found ? 200 : 404, {
      'content-type': contentTypes[extname(sent)] ?? 'application/octet-stream',
    });
    if (existsSync(sent)) createReadStream(sent).pipe(response);
    else response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The browser is unpacked into a folder of the project's own: it reuses whatever version it finds there. */
export async function launchBrowser(): Promise<Browser> {
  const cache = join(root, 'node_modules', '.cache', 'chromium');
  mkdirSync(cache, { recursive: true });
  process.env.TMPDIR = cache;
  const { default: packed } = await import('@sparticuz/chromium');
  return chromium.launch({
    executablePath: await packed.executablePath(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  });
}

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** The site's service worker may run, which keeps all of it. */
  readonly offline?: boolean;
  /** The page's own scripts may run; without, it is only read. */
  readonly scripts?: boolean;
  /** What is to be so before the page comes. */
  readonly before?: (page: Page) => Promise<unknown>;
}

export interface OpenedPage {
  readonly page: Page;
  /** Errors and warnings that the console showed, and exceptions that nobody caught. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export async function openPage(browser: Browser, url: string, options: PageOptions = {}): Promise<OpenedPage> {
  const { width = 1280, height = 900, dark = false } = options;
  const context = await browser.newContext({
    baseURL: new URL(url).origin,
    javaScriptEnabled: options.scripts ?? true,
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    acceptDownloads: true,
    serviceWorkers: options.offline === true ? 'allow' : 'block',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    // Said by the browser's driver, where a test does without the service worker.
    if (message.text().startsWith('Service Worker registration blocked')) return;
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await options.before?.(page);
  await page.goto(url);
  return { page, complaints, close: () => context.close() };
}

/** The editor is fetched when a reader, who moves, comes near it. */
export async function comeToBench(page: Page): Promise<void> {
  await page.locator('.bench').first().scrollIntoViewIfNeeded();
  await page
    .locator('.bench')
    .first()
    .hover({ position: { x: 3, y: 3 } });
  await page.locator('.monaco-editor .view-line').first().waitFor();
}
