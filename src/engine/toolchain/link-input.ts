/** Bytes of a file → what the linker takes: an object, an archive, a shared object. */
import { isArchive, readArchive } from './archive.ts';
import { isElf, readHeader, typeTitle } from './elf-file.ts';
import { fileTypes } from './elf-format.ts';
import { readObject } from './elf-object-read.ts';
import { readShared } from './elf-shared-read.ts';
import type { LinkInput } from './link/collect.ts';

export type InputResult =
  | { readonly ok: true; readonly input: LinkInput }
  | { readonly ok: false; readonly message: string };

export interface InputOptions {
  /** Every member of an archive is linked, needed or not. */
  readonly whole?: boolean;
}

const fail = (message: string): InputResult => ({ ok: false, message });

/** `name` is what messages call it. The bytes may be anything. */
export function readLinkInput(name: string, bytes: Uint8Array, { whole = false }: InputOptions = {}): InputResult {
  if (isArchive(bytes)) {
    const result = readArchive(bytes);
    return result.ok ? { ok: true, input: { kind: 'archive', name, archive: result.archive, whole } } : result;
  }
  if (!isElf(bytes)) return fail('this is no object file, archive or shared object');
  const header = readHeader(bytes);
  if (typeof header === 'string') return fail(header);
  if (header.type === fileTypes.relocatable) {
    const result = readObject(name, bytes);
    return result.ok ? { ok: true, input: { kind: 'object', object: result.object } } : result;
  }
  if (header.type === fileTypes.shared) {
    const result = readShared(name.replace(/^.*\//, ''), bytes);
    return result.ok ? { ok: true, input: { kind: 'shared', library: result.library } } : result;
  }
  return fail(`this ELF file is ${typeTitle(header.type)}: it has been linked already`);
}
