/** Files of `guesthouse cc`: their texts, and where what they include is found. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FindInclude } from '../../engine/toolchain/c/compile.ts';
import { CannotRun } from '../cannot-run.ts';
import { libraryFolder } from '../library-texts.ts';
import { type NamedFiles, namedFiles } from '../link/named-files.ts';

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();

/** Throws a `CannotRun`. */
export function textOf(path: string): string {
  if (!existsSync(path)) throw new CannotRun(`There is no file \`${path}\`.`);
  if (!isFile(path)) throw new CannotRun(`\`${path}\` is a folder; name the files in it.`);
  return readFileSync(path, 'utf8');
}

/** Beside the file that includes, then in the folders given, then in the guest library's. */
export const includeFrom =
  (folders: readonly string[]): FindInclude =>
  (name, from, angled) => {
    const behind = [...folders, dirname(libraryFolder)];
    const places = angled ? behind : [dirname(from), ...behind];
    const path = places.map((folder) => join(folder, name)).find(isFile);
    return path === undefined ? undefined : { name: path, text: readFileSync(path, 'utf8') };
  };

/** A linker script: `rt/s-mode.ld` is the guest library's, if no file has that name. */
export const scriptPath = (path: string): string =>
  isFile(path) || !path.startsWith('rt/') ? path : join(dirname(libraryFolder), path);

/** Undefined for a line that is not there, and for a file that cannot be shown. */
export function lineOf(file: string, line: number): string | undefined {
  return isFile(file) ? readFileSync(file, 'utf8').split('\n')[line - 1] : undefined;
}

const isAssembly = (path: string): boolean => /\.[sS]$/.test(path);

/** What all files of assembly together take in with `.include` and `.incbin`. */
export function takenIn(paths: readonly string[]): NamedFiles {
  const each = paths.filter(isAssembly).map((path) => namedFiles(path, textOf(path)));
  return {
    texts: new Map(each.flatMap(({ texts }) => [...texts])),
    binaries: new Map(each.flatMap(({ binaries }) => [...binaries])),
  };
}
