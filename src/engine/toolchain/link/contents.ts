/** The bytes of output sections, before relocation. */
import type { Reporter } from '../diagnostics.ts';
import type { Layout, PlacedOutput } from './layout.ts';

/** A file larger than this is a mistake in an address sooner than a program. */
const maxBytes = 2 ** 29;

export type Contents = readonly Uint8Array[];

/** By the output's index; empty for a section without bytes. */
export function fillContents({ outputs }: Layout, reporter: Reporter): Contents {
  let total = 0;
  return outputs.map((output) => {
    const { planned, size } = output;
    if (planned.flags.nobits || total > maxBytes) return new Uint8Array();
    total += size;
    if (total > maxBytes) {
      const hint = 'for an address, move the location counter before the section and not within it';
      reporter.error(planned.at, `\`${planned.name}\` makes the file larger than 512 MiB`, hint);
      return new Uint8Array();
    }
    return bytesOf(output);
  });
}

function bytesOf({ pieces, data, gaps, size }: PlacedOutput): Uint8Array {
  const bytes = new Uint8Array(size);
  for (const { from, to, pattern } of gaps) {
    for (let at = from; at < to && pattern.length > 0; at++) bytes[at] = pattern[(at - from) % pattern.length] ?? 0;
  }
  for (const { input, offset } of pieces) bytes.set(input.section.bytes, offset);
  for (const { offset, bytes: count, value } of data) {
    for (let index = 0; index < count; index++) bytes[offset + index] = Number((value >> BigInt(8 * index)) & 0xffn);
  }
  return bytes;
}
