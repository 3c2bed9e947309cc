/** Objects, archives and shared objects → one program or shared object: collection, resolution, layout, relocation. */
import type { Reporter } from './diagnostics.ts';
import { createBinder, scriptNames } from './link/bind.ts';
import { linkedLines, linkedSections, linkedSegments, linkedSymbols } from './link/build-output.ts';
import type { LinkInput } from './link/collect.ts';
import { fillContents } from './link/contents.ts';
import type { Left } from './link/dynamic/fill.ts';
import { entryAddress } from './link/entry.ts';
import { type Layout, layOut } from './link/layout.ts';
import type { Linked } from './link/linked.ts';
import { entryName, type LinkOptions, loadDeltaOf } from './link/options.ts';
import { fillOwn, locateOwn, relocationTables } from './link/own-sections.ts';
import { makePlan } from './link/plan.ts';
import { type Prepared, prepare } from './link/prepare.ts';
import { relocateAll } from './link/relocate.ts';
import { createResolution } from './link/resolution.ts';
import { createScanner } from './link/scan.ts';
import { headersSizeFor } from './link/segments.ts';
import { defaultFloatAbi } from './object.ts';

export type { LinkInput, SourceLibrary } from './link/collect.ts';
export { imageOf, type Linked } from './link/linked.ts';
export type { OutputKind } from './link/mode.ts';
export { defaultOrigin, type LinkOptions } from './link/options.ts';
export { parseScript } from './link/script/parse.ts';
export type { Script } from './link/script/script.ts';

/** Reports what is wrong; the result means nothing if the reporter has failed. Throws nothing, whatever the inputs hold. */
export function link(inputs: readonly LinkInput[], options: LinkOptions, reporter: Reporter): Linked {
  const prepared = prepare(inputs, options, reporter);
  return finish(prepared, layOutAll(prepared));
}

/** More segments than any layout of our own has. */
const mostSegments = 12;

function layOutAll({ script, inputs, live, table, options, reporter }: Prepared): Layout {
  const plan = makePlan(script, inputs, live);
  const segments = script.segments.length > 0 ? script.segments.length : mostSegments;
  const headersSize = BigInt(headersSizeFor(segments));
  return layOut({ script, plan, inputs, table, loadDelta: loadDeltaOf(options), headersSize }, reporter);
}

function threadStartOf({ outputs }: Layout): bigint {
  const found = outputs.filter(({ planned, size }) => planned.flags.thread === true && size > 0);
  return found.reduce((least, { address }) => (address < least ? address : least), found[0]?.address ?? 0n);
}

function finish(prepared: Prepared, layout: Layout): Linked {
  const { mode, script, options, reporter, objects, table, inputs, given } = prepared;
  const contents = fillContents(layout, reporter);
  const own = locateOwn(prepared, layout);
  const resolution = createResolution(layout, inputs, table, own.indirect);
  const left: Left[] = [];
  const threadStart = threadStartOf(layout);
  const scanner = createScanner(objects, table, createBinder(table, mode, scriptNames(script)), mode);
  const tables = relocationTables(prepared, own, left);
  relocateAll({ objects, inputs, layout, contents, table, resolution, scanner, tables, threadStart, reporter });
  fillOwn(prepared, { layout, contents, resolution, left, threadStart, own });
  const output = {
    script,
    mode,
    objects,
    inputs,
    layout,
    contents,
    table,
    resolution,
    reporter,
    options,
  };
  const sections = linkedSections(layout, contents);
  const name = entryName(options, script);
  return {
    kind: mode.kind,
    entry: entryAddress({ name, named: script.entry, mode, layout, resolution, objects, reporter }),
    sections: sections.filter((section) => section !== undefined),
    segments: linkedSegments(output, sections),
    symbols: linkedSymbols(output),
    lines: linkedLines(output),
    compressed: given.some(({ compressed }) => compressed),
    floatAbi: given.find(({ floatAbi }) => floatAbi !== undefined)?.floatAbi ?? defaultFloatAbi,
  };
}
