/**
 * Pictures of the built site, to look at: `node scripts/screenshot.ts FOLDER [PATH …]` writes each page wide and narrow,
 * light and dark. A lesson is run first, so that its views have something to show.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { comeToBench, launchBrowser, openPage, serveSite } from '../tests/browser/harness.ts';

const [folder, ...given] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('Say where the pictures go: node scripts/screenshot.ts FOLDER [PATH …]\n');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const paths = given.length > 0 ? given : ['/', '/lessons/03-privilege-and-traps/', '/no-such-page/'];
const site = await serveSite();
const browser = await launchBrowser();
for (const path of paths) {
  for (const width of [1280, 360]) {
    for (const dark of [false, true]) {
      const { page, complaints, close } = await openPage(browser, site.url + path, { width, dark });
      const run = page.getByRole('button', { name: /^Run( Ctrl.*)?$/ });
      if ((await run.count()) > 0) {
        await comeToBench(page);
        await run.click();
        await page.waitForTimeout(1500);
      }
      const name = `${path.replace(/\W+/g, '-').replace(/^-|-$/g, '') || 'home'}-${width}${dark ? '-dark' : ''}.png`;
      await page.screenshot({ path: join(folder, name), fullPage: true });
      process.stdout.write(`${name}${complaints.length > 0 ? `: ${complaints.join('; ')}` : ''}\n`);
      await close();
    }
  }
}
await browser.close();
await site.close();
