/**
 * What every command needs first: the dependencies of the lock file, and a Node that can run the site's tools. Runs in
 * any Node from 18 on and needs nothing installed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const modules = join(root, 'node_modules');
const installed = join(modules, '.package-lock.json');
const wanted = join(root, 'package-lock.json');

/** Where Node keeps what it has compiled: the second start of a command takes half the time of the first. */
const compileCache = join(modules, '.cache', 'node');

/**
 * Installs what is missing; a lock file newer than the installation means that it is out of date. A linked installation
 * is another working tree's: installing would empty it.
 */
export function setUp() {
  if (existsSync(modules) && lstatSync(modules).isSymbolicLink()) return;
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return;
  process.stderr.write('Setting up the dependencies (once) …\n');
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (npm.status === 0) return;
  process.stderr.write('`npm ci` failed; its messages stand above. Nothing can run without the dependencies.\n');
  process.exit(npm.status ?? 1);
}

/** The Node brought along as a dependency, or this one where it is new enough. */
export function node() {
  const brought = join(root, 'node_modules', '.bin', 'node');
  if (process.platform === 'linux' && existsSync(brought)) return brought;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  process.stderr.write(`Guesthouse needs Node 22.18 or newer on this system; this is ${process.versions.node}.\n`);
  process.exit(1);
}

/** Runs a program of Node's with this terminal; gives its exit code. */
export function run(args, options = {}) {
  const env = { NODE_COMPILE_CACHE: compileCache, ...process.env, ASTRO_TELEMETRY_DISABLED: '1', ...options.env };
  const child = spawnSync(node(), args, { cwd: options.cwd ?? root, stdio: 'inherit', env });
  return child.status ?? 1;
}
