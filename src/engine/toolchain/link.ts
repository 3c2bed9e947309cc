/** Objects → an image: placement, symbol resolution, relocation. */
import type { Image, ImageSymbol, LineEntry } from '../image.ts';
import type { Reporter } from './diagnostics.ts';
import { type Placement, place } from './link-place.ts';
import { relocateAll } from './link-relocate.ts';
import { type Resolution, resolveSymbols } from './link-symbols.ts';
import type { ObjectFile, ObjectSymbol } from './object.ts';

export interface LinkOptions {
  readonly origin: bigint;
  /** Physical address of the first byte, where it is not the origin. */
  readonly physical: number;
  readonly entry: string;
}

/** Reports what is wrong; the image means nothing if the reporter has failed. */
export function link(objects: readonly ObjectFile[], options: LinkOptions, reporter: Reporter): Image {
  const placement = place(objects, options.origin);
  const resolution = resolveSymbols(objects, placement, reporter);
  relocateAll(objects, placement, resolution, reporter);
  return {
    entry: entryAddress(objects, options, resolution, reporter),
    segments: placement.segments.map((segment) => ({
      ...segment,
      physical: options.physical + Number(segment.virtual - options.origin),
    })),
    symbols: imageSymbols(objects, resolution),
    lines: imageLines(objects, placement),
    ...(objects.some(({ compressed }) => compressed) && { compressed: true }),
  };
}

function entryAddress(
  objects: readonly ObjectFile[],
  { entry, origin }: LinkOptions,
  resolution: Resolution,
  reporter: Reporter,
): bigint {
  const global = resolution.globals.get(entry);
  if (global !== undefined) return global.address;
  const first = objects[0];
  if (first === undefined || reporter.failed) return origin;
  for (const object of objects) {
    const index = object.symbols.findIndex((symbol) => symbol.name === entry && symbol.place.kind === 'section');
    const local = object.symbols[index];
    const address = resolution.addressOf(object, index);
    if (local === undefined || address === undefined) continue;
    const at = local.at ?? { file: object.name, line: 1, column: 1, endColumn: 2 };
    reporter.warn(
      at,
      `\`${entry}\` is where the program starts, but other files cannot see it`,
      `write \`.globl ${entry}\``,
    );
    return address;
  }
  const at = { file: first.name, line: 1, column: 1, endColumn: 2 };
  reporter.warn(
    at,
    `there is no \`${entry}\`: the program starts at its first byte`,
    `write \`.globl ${entry}\` and \`${entry}:\``,
  );
  return origin;
}

function imageSymbol(object: ObjectFile, symbol: ObjectSymbol, address: bigint): ImageSymbol {
  const kind = symbol.place.kind === 'absolute' ? 'absolute' : symbol.kind;
  const { name, size, binding: scope } = symbol;
  return { name, address, size, kind, scope, file: object.name };
}

function imageSymbols(objects: readonly ObjectFile[], resolution: Resolution): ImageSymbol[] {
  const symbols: ImageSymbol[] = [];
  for (const object of objects) {
    object.symbols.forEach((symbol, index) => {
      const own = symbol.place.kind !== 'undefined' && resolution.isChosen(object, index);
      const address = own ? resolution.addressOf(object, index) : undefined;
      if (address !== undefined && !symbol.hidden) symbols.push(imageSymbol(object, symbol, address));
    });
  }
  for (const [name, { address }] of resolution.provided) {
    symbols.push({ name, address, size: 0, kind: 'label', scope: 'global' });
  }
  return symbols;
}

function imageLines(objects: readonly ObjectFile[], placement: Placement): LineEntry[] {
  const lines: LineEntry[] = [];
  for (const object of objects) {
    object.sections.forEach((section, index) => {
      const base = placement.addressOf(object, index);
      if (base === undefined || section.lines.length === 0) return;
      for (const { offset, file, line } of section.lines) lines.push({ address: base + BigInt(offset), file, line });
      lines.push({ address: base + BigInt(section.size), file: object.name, line: 0 });
    });
  }
  // An end and a beginning may share an address: the beginning counts.
  lines.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : a.line - b.line));
  return lines.filter((entry, index) => entry.address !== lines[index + 1]?.address);
}
