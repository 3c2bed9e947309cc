/** The guest library, in `content/guests/rt`: whoever builds with it brings its texts. */
import { assembleFile } from '../engine/toolchain/assemble-file.ts';
import type { Library } from '../engine/toolchain/build.ts';
import type { FindInclude } from '../engine/toolchain/c/compile.ts';
import { compileObject } from '../engine/toolchain/c/object.ts';
import { createReporter } from '../engine/toolchain/diagnostics.ts';
import type { SourceLibrary } from '../engine/toolchain/link.ts';
import type { ObjectFile } from '../engine/toolchain/object.ts';

/** By file name. */
export type LibraryTexts = Readonly<Record<string, string>>;

export const isLibraryFile = (name: string): boolean => /\.(?:c|h|S|ld)$/.test(name);

const folder = 'rt/';

const libraries = new WeakMap<LibraryTexts, Library>();

/** The same texts give the same library, each of whose files is compiled once, when something needs it. */
export function guestLibrary(texts: LibraryTexts): Library {
  const known = libraries.get(texts);
  if (known !== undefined) return known;
  const find: FindInclude = (name) => {
    const text = name.startsWith(folder) ? texts[name.slice(folder.length)] : undefined;
    return text === undefined ? undefined : { name, text };
  };
  const library: Library = { find, objects: { kind: 'library', definerOf: searching(texts, find) } };
  libraries.set(texts, library);
  return library;
}

/** Compiles files until one defines the name, the likely ones first. */
function searching(texts: LibraryTexts, find: FindInclude): SourceLibrary['definerOf'] {
  const names = Object.keys(texts).filter((name) => /\.[cS]$/.test(name));
  const compiled = new Map<string, ObjectFile>();
  const objectOf = (name: string): ObjectFile => {
    const object = compiled.get(name) ?? compileMember({ name: `${folder}${name}`, text: texts[name] ?? '' }, find);
    compiled.set(name, object);
    return object;
  };
  return (wanted) => {
    const likely = names.filter((name) => mayDefine(texts[name] ?? '', wanted));
    const order = [...likely, ...names.filter((name) => !likely.includes(name))];
    const found = order.find((name) => defines(objectOf(name), wanted));
    return found === undefined ? undefined : objectOf(found);
  };
}

/** A line that is not indented has the name: definitions and labels stand there. */
const mayDefine = (text: string, name: string): boolean =>
  text.split('\n').some((line) => /^(?!\s|#include|static)/.test(line) && line.split(/\W+/).includes(name));

const defines = ({ symbols }: ObjectFile, name: string): boolean =>
  symbols.some((symbol) => symbol.name === name && symbol.place.kind !== 'undefined' && symbol.binding !== 'local');

/** Throws if the text does not build: it is the project's. */
function compileMember(source: { readonly name: string; readonly text: string }, find: FindInclude): ObjectFile {
  const reporter = createReporter();
  const options = { find, defines: {} };
  const object = source.name.endsWith('.c')
    ? compileObject(source, options, reporter)
    : assembleFile(source, { sources: new Map(), defines: {} }, options, reporter);
  const [first] = reporter.diagnostics;
  if (object === undefined || first !== undefined) {
    throw new Error(`the guest library does not build: ${first?.file}:${first?.line}: ${first?.message}`);
  }
  return { ...object, library: true };
}
