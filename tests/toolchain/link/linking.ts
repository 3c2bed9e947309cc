/** Helpers for tests of the linker. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Image } from '../../../src/engine/image.ts';
import { assemble } from '../../../src/engine/toolchain/assemble.ts';
import { createReporter, type Reporter } from '../../../src/engine/toolchain/diagnostics.ts';
import {
  type Linked,
  type LinkInput,
  type LinkOptions,
  link,
  parseScript,
} from '../../../src/engine/toolchain/link.ts';
import { readLinkInput } from '../../../src/engine/toolchain/link-input.ts';
import type { ObjectFile } from '../../../src/engine/toolchain/object.ts';
import { inWords } from '../building.ts';

export const fixture = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)), 'utf8');

/** Throws the diagnostics if anything is wrong. */
export function checked<T>(act: (reporter: Reporter) => T): T {
  const reporter = createReporter();
  const result = act(reporter);
  if (reporter.failed) throw new Error(reporter.diagnostics.map(inWords).join('\n'));
  return result;
}

export function objectOf(name: string, text: string): ObjectFile {
  const object = checked((reporter) => assemble({ name, text }, new Map(), {}, reporter));
  if (object === undefined) throw new Error(`${name} is not assembled`);
  return object;
}

export const asInput = (object: ObjectFile): LinkInput => ({ kind: 'object', object });

/** Sources by their names; those that are called `.ld` are the script. */
export type Files = Readonly<Record<string, string>>;

export interface LinkedFiles {
  readonly linked: Linked;
  readonly told: readonly string[];
}

export function linkFiles(files: Files, options: LinkOptions = {}, more: readonly LinkInput[] = []): LinkedFiles {
  const reporter = createReporter();
  const entries = Object.entries(files);
  const script = entries.find(([name]) => name.endsWith('.ld'));
  const objects = entries.filter(([name]) => !name.endsWith('.ld')).map(([name, text]) => objectOf(name, text));
  const given = script && { script: parseScript(script[0], script[1], reporter) };
  const linked = link([...objects.map(asInput), ...more], { ...given, ...options }, reporter);
  return { linked, told: reporter.diagnostics.map(inWords) };
}

/** Throws what was said if it does not link. */
export function linkedFiles(files: Files, options: LinkOptions = {}, more: readonly LinkInput[] = []): Linked {
  const { linked, told } = linkFiles(files, options, more);
  const errors = told.filter((each) => each.includes(': error: '));
  if (errors.length > 0) throw new Error(errors.join('\n'));
  return linked;
}

/** The file as the linker takes it; throws what is wrong with it. */
export function inputOf(name: string, bytes: Uint8Array): LinkInput {
  const result = readLinkInput(name, bytes);
  if (!result.ok) throw new Error(result.message);
  return result.input;
}

export const addressOf = ({ symbols }: Linked, name: string): bigint | undefined =>
  symbols.find((symbol) => symbol.name === name)?.address;

export const sectionOf = ({ sections }: Linked, name: string): Linked['sections'][number] => {
  const found = sections.find((section) => section.name === name);
  if (found === undefined) throw new Error(`there is no section ${name}`);
  return found;
};

/** As objcopy makes a flat file: everything by its load address, gaps as zeros. */
export function flatImage({ segments }: Image): Uint8Array {
  const filled = segments.filter(({ bytes }) => bytes.length > 0);
  const start = Math.min(...filled.map(({ physical }) => physical));
  const end = Math.max(...filled.map(({ physical, bytes }) => physical + bytes.length));
  const bytes = new Uint8Array(end - start);
  for (const segment of filled) bytes.set(segment.bytes, segment.physical - start);
  return bytes;
}

/** An archive as `ar` makes it; members with a name of more than 15 letters go through the table of long names. */
export function archiveOf(
  members: Readonly<Record<string, Uint8Array>>,
  index?: Readonly<Record<string, string>>,
): Uint8Array {
  const encoder = new TextEncoder();
  const long = Object.keys(members).filter((name) => name.length > 15);
  const longNames = long.map((name) => `${name}/\n`).join('');
  const titleOf = (name: string): string =>
    name.length > 15
      ? `/${long.slice(0, long.indexOf(name)).reduce((sum, each) => sum + each.length + 2, 0)}`
      : `${name}/`;
  const header = (title: string, size: number): string =>
    `${title.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}${String(size).padEnd(10)}\`\n`;
  const parts: Uint8Array[] = [encoder.encode('!<arch>\n')];
  const add = (title: string, content: Uint8Array): void => {
    parts.push(encoder.encode(header(title, content.length)), content);
    if (content.length % 2 === 1) parts.push(encoder.encode('\n'));
  };
  const sizeOf = (size: number): number => 60 + size + (size % 2);
  if (index !== undefined) {
    const names = Object.keys(index);
    const text = encoder.encode(names.map((name) => `${name}\0`).join(''));
    const table = new DataView(new ArrayBuffer(4 * (names.length + 1)));
    const indexSize = sizeOf(table.byteLength + text.length);
    const offsets = new Map<string, number>();
    let at = 8 + indexSize + (longNames === '' ? 0 : sizeOf(longNames.length));
    for (const [name, content] of Object.entries(members)) {
      offsets.set(name, at);
      at += sizeOf(content.length);
    }
    table.setUint32(0, names.length);
    names.forEach((name, position) => {
      table.setUint32(4 * position + 4, offsets.get(index[name] ?? '') ?? 0);
    });
    add('/', Uint8Array.of(...new Uint8Array(table.buffer), ...text));
  }
  if (longNames !== '') add('//', encoder.encode(longNames));
  for (const [name, content] of Object.entries(members)) add(titleOf(name), content);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
