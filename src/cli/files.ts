/** Reading lessons and submissions from disk, bounded, with errors for people. */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LessonFolder } from '../labs/lesson.ts';

const lessonsFolder = fileURLToPath(new URL('../../content/lessons', import.meta.url));
const visualizersFolder = join(lessonsFolder, '..', '..', 'src', 'visualizers');

/** Something that keeps a submission from being graded; the message says what to do. */
export class CannotGrade extends Error {}

const mostBytes = 4_000_000;

export const lessonNames = (): string[] => foldersIn(lessonsFolder);
/** What lessons may show. */
export const viewNames = (): string[] => foldersIn(visualizersFolder);

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Every file below a lesson's folder, by its path with forward slashes. */
export function readLessonFolder(slug: string): LessonFolder {
  const root = join(lessonsFolder, slug);
  const files = readdirSync(root, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(root, path).split(sep).join('/'), readFileSync(path, 'utf8')];
    }),
  );
}

/** A text file of bounded size. */
export function readText(path: string): string {
  if (!existsSync(path)) throw new CannotGrade(`There is no file \`${path}\`.`);
  const stats = statSync(path);
  if (!stats.isFile()) throw new CannotGrade(`\`${path}\` is not a file.`);
  if (stats.size > mostBytes)
    throw new CannotGrade(`\`${path}\` has ${stats.size} bytes; at most ${mostBytes} are read.`);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new CannotGrade(`\`${path}\` cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
  const text = new TextDecoder('utf-8', { fatal: false }).decode(bytes);
  if (text.includes('\0')) throw new CannotGrade(`\`${path}\` is not a text file.`);
  return text;
}

/** Named files out of a folder; links that lead out of it are refused. */
export function readSources(folder: string, names: readonly string[]): Record<string, string> {
  const root = realpathSync(folder);
  const texts: Record<string, string> = {};
  for (const name of names) {
    const path = join(root, name);
    if (!existsSync(path)) continue;
    const real = realpathSync(path);
    if (!real.startsWith(root + sep)) throw new CannotGrade(`\`${path}\` leads out of the submission’s folder.`);
    texts[name] = readText(real);
  }
  if (Object.keys(texts).length === 0) {
    throw new CannotGrade(`\`${folder}\` holds none of the files to hand in: ${names.join(', ')}.`);
  }
  return texts;
}

export const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();
export const fileName = (path: string): string => basename(path);
