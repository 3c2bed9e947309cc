/** A project in the fragment of an address: compressed, in letters that no program which passes it on changes. */
import { type Project, type ReadProject, readProject, writeProject } from './project.ts';

/** Longer addresses are cut by mail and chat programs. */
export const mostLinkCharacters = 16_000;
/** What a link may unfold to. */
const mostBytes = 8 * 2 ** 20;
const key = 'work=';

async function through(bytes: Uint8Array, change: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const stream = new Blob([bytes.slice()]).stream().pipeThrough(change);
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    length += value.length;
    if (length > mostBytes) throw new RangeError('too long');
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function toLetters(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

const fromLetters = (text: string): Uint8Array =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (each) => each.charCodeAt(0));

/** Without spaces, as nobody reads it. */
const compact = (project: Project): string => JSON.stringify(JSON.parse(writeProject(project)));

/** The fragment, without its `#`. */
export async function linkOf(project: Project): Promise<string> {
  const bytes = new TextEncoder().encode(compact(project));
  return `${key}${toLetters(await through(bytes, new CompressionStream('deflate')))}`;
}

/** Undefined if the fragment brings no work. */
export async function readLink(fragment: string): Promise<ReadProject | undefined> {
  const text = fragment.replace(/^#/, '');
  if (!text.startsWith(key)) return undefined;
  try {
    const bytes = await through(fromLetters(text.slice(key.length)), new DecompressionStream('deflate'));
    return readProject(new TextDecoder().decode(bytes));
  } catch (error) {
    const why = error instanceof RangeError ? 'it unfolds to more than a workbench holds.' : 'a part of it is missing.';
    return { ok: false, message: `It is damaged: ${why}` };
  }
}
