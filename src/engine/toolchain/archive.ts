/** Archives as `ar` makes them, with GNU's long names and symbol index. */

export interface Member {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Where its header begins in the archive: the index names members so. */
  readonly offset: number;
}

export interface Archive {
  readonly members: readonly Member[];
  /** The members that define each symbol, by their offsets; undefined if the archive has no index. */
  readonly index: ReadonlyMap<string, number> | undefined;
}

export type ArchiveResult =
  | { readonly ok: true; readonly archive: Archive }
  | { readonly ok: false; readonly message: string };

const magic = '!<arch>\n';
const thinMagic = '!<thin>\n';
const headerSize = 60;

const decoder = new TextDecoder();
const text = (bytes: Uint8Array, at: number, length: number): string => decoder.decode(bytes.subarray(at, at + length));

export const isArchive = (bytes: Uint8Array): boolean => {
  const start = text(bytes, 0, magic.length);
  return start === magic || start === thinMagic;
};

const fail = (message: string): ArchiveResult => ({ ok: false, message });

/** `/12` is an offset in the table of long names; others end at `/` or at blanks. */
function memberName(written: string, longNames: string): string {
  const offset = /^\/(\d+)/.exec(written)?.[1];
  if (offset === undefined) return written.replace(/\/?\s*$/, '');
  const start = Number(offset);
  const end = longNames.indexOf('\n', start);
  return longNames.slice(start, end < 0 ? undefined : end).replace(/\/$/, '');
}

/** Offsets of members as big-endian numbers, then as many names. */
function readIndex(content: Uint8Array, wide: boolean): ReadonlyMap<string, number> {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const step = wide ? 8 : 4;
  const read = (at: number): number => (wide ? Number(view.getBigUint64(at)) : view.getUint32(at));
  const index = new Map<string, number>();
  const count = content.length < step ? 0 : read(0);
  const names = step * (count + 1);
  if (names > content.length) return index;
  let at = names;
  for (let entry = 1; entry <= count && at < content.length; entry++) {
    const end = content.indexOf(0, at);
    if (end < 0) break;
    const name = decoder.decode(content.subarray(at, end));
    if (!index.has(name)) index.set(name, read(step * entry));
    at = end + 1;
  }
  return index;
}

export function readArchive(bytes: Uint8Array): ArchiveResult {
  if (text(bytes, 0, magic.length) === thinMagic) {
    return fail('this archive is a thin one: it only names its members; make it without `T`');
  }
  if (!isArchive(bytes)) return fail('this is not an archive: it does not begin with !<arch>');
  const members: Member[] = [];
  let longNames = '';
  let index: Archive['index'];
  for (let at = magic.length; at < bytes.length; ) {
    const written = text(bytes, at, 16);
    const size = Number(/^\d+/.exec(text(bytes, at + 48, 10))?.[0] ?? Number.NaN);
    const start = at + headerSize;
    if (text(bytes, at + 58, 2) !== '`\n' || Number.isNaN(size)) {
      return fail(`the archive is damaged at byte ${at}: no member begins there`);
    }
    if (start + size > bytes.length) return fail(`the archive is cut off in its member \`${written.trim()}\``);
    const content = bytes.subarray(start, start + size);
    if (/^\/\/ /.test(written)) longNames = decoder.decode(content);
    else if (/^\/(SYM64\/)? /.test(written)) index = readIndex(content, written.startsWith('/SYM64'));
    else members.push({ name: memberName(written, longNames), bytes: content, offset: at });
    at = start + size + (size % 2);
  }
  return { ok: true, archive: { members, index } };
}
