/** Layout and bytes → sections, segments, symbols and lines of the output. */
import type { LineEntry } from '../../image.ts';
import type { Reporter } from '../diagnostics.ts';
import { segmentFlags, segmentTypes } from '../elf-format.ts';
import { type ObjectFile, objectTitle } from '../object.ts';
import type { Contents } from './contents.ts';
import { addressIn, evaluate, type Scope } from './evaluate.ts';
import type { Inputs } from './inputs.ts';
import { addressOfInput, addressOfValue, type Layout, type PlacedOutput } from './layout.ts';
import type { LinkedSection, LinkedSegment, LinkedSymbol } from './linked.ts';
import type { Mode } from './mode.ts';
import type { LinkOptions } from './options.ts';
import type { Resolution } from './resolution.ts';
import type { Script } from './script/script.ts';
import { describedSegments, planSegments, segmentOf } from './segments.ts';
import type { SymbolTable } from './symbols.ts';
import { absolute } from './values.ts';

export interface OutputTask {
  readonly script: Script;
  readonly mode: Mode;
  readonly objects: readonly ObjectFile[];
  readonly inputs: Inputs;
  readonly layout: Layout;
  readonly contents: Contents;
  readonly table: SymbolTable;
  readonly resolution: Resolution;
  readonly reporter: Reporter;
  readonly options: LinkOptions;
}

/** What a section is found by, if all that is in it agrees. */
function roleOf({ planned }: PlacedOutput): LinkedSection['role'] {
  const filled = planned.inputs.filter(({ section }) => section.size > 0);
  const role = filled[0]?.section.role;
  return filled.every(({ section }) => section.role === role) ? role : undefined;
}

const links: Readonly<Record<string, Pick<LinkedSection, 'link' | 'about' | 'locals'>>> = {
  '.dynsym': { link: '.dynstr', locals: 1 },
  '.hash': { link: '.dynsym' },
  '.gnu.hash': { link: '.dynsym' },
  '.rela.dyn': { link: '.dynsym' },
  '.rela.plt': { link: '.dynsym', about: '.got.plt' },
  '.dynamic': { link: '.dynstr' },
};

/** By the output's index; undefined for those with nothing in them. */
export function linkedSections({ outputs }: Layout, contents: Contents): (LinkedSection | undefined)[] {
  return outputs.map((output, index) => {
    const { planned, address, loadAddress, size, alignment } = output;
    if (size === 0) return undefined;
    const role = roleOf(output);
    const related = Object.hasOwn(links, planned.name) ? links[planned.name] : undefined;
    const { name, flags } = planned;
    const bytes = contents[index] ?? new Uint8Array();
    return { name, address, loadAddress, size, alignment, flags, ...(role && { role }), bytes, ...related };
  });
}

/** Segments for which the layout of memory matters, and those that say something to the loader. */
export function linkedSegments(task: OutputTask, sections: readonly (LinkedSection | undefined)[]): LinkedSegment[] {
  const { script, mode, options } = task;
  if (script.segments.length > 0) return describe(task, sections);
  const present = sections.filter((section) => section !== undefined);
  // The stack of a program is no place for code.
  const stack = segmentOf(segmentTypes.stack, [], segmentFlags.read | segmentFlags.write);
  const own = options.script?.hasSections === true;
  const headers = script.usesHeaders;
  const rules = { headers, paged: headers || own, together: options.together === true };
  return planSegments(present, rules, mode.dynamic ? [{ ...stack, alignment: 16n }] : []);
}

function describe(task: OutputTask, sections: readonly (LinkedSection | undefined)[]): LinkedSegment[] {
  const { script, layout, reporter } = task;
  const scope = finalScope(task);
  const known = new Set(script.segments.map(({ name }) => name));
  for (const { segments } of layout.outputs) {
    for (const { text, at } of segments) {
      if (!known.has(text) && text !== 'NONE')
        reporter.error(at, `PHDRS has no segment \`${text}\``, `it has ${[...known].join(', ')}`);
    }
  }
  return describedSegments(
    script.segments.map((description) => {
      const number = (node: typeof description.flags): bigint | undefined =>
        node === undefined ? undefined : addressIn(scope, evaluate(node, scope));
      const members = sections.filter((section, index) => {
        const into = layout.outputs[index]?.segments ?? [];
        return section?.flags.alloc === true && into.some(({ text }) => text === description.name);
      });
      return {
        description,
        type: number(description.type) ?? segmentTypes.load,
        flags: number(description.flags),
        loadAddress: number(description.loadAddress),
        sections: members.filter((section) => section !== undefined),
      };
    }),
  );
}

/** For expressions outside of SECTIONS, once everything has its address. */
function finalScope({ layout, resolution, reporter }: OutputTask): Scope {
  return {
    dot: absolute(layout.end),
    headersSize: 0n,
    addressOf: (base) => layout.outputs[base]?.address ?? 0n,
    symbol(name) {
      const address = resolution.addressOfName(name);
      return address === undefined ? undefined : absolute(address);
    },
    isDefined: (name) => resolution.addressOfName(name) !== undefined,
    section(name) {
      const index = layout.outputs.findIndex(({ planned }) => planned.name === name);
      const found = layout.outputs[index];
      if (found === undefined) return undefined;
      const { address, loadAddress, size, alignment } = found;
      return { index, facts: { address, loadAddress, size: BigInt(size), alignment: BigInt(alignment) } };
    },
    region: (name) => layout.regions.get(name),
    symbolNames: () => layout.symbols.keys(),
    sectionNames: () => layout.outputs.map(({ planned }) => planned.name),
    regionNames: () => layout.regions.keys(),
    error: (at, message, hint) => reporter.error(at, message, hint),
  };
}

/** Those of the objects in the order of their definition, then the script's. */
export function linkedSymbols({ objects, table, layout, resolution }: OutputTask): LinkedSymbol[] {
  const symbols: LinkedSymbol[] = [];
  const byScript = (name: string): boolean => layout.symbols.get(name)?.provided === false;
  for (const object of objects) {
    object.symbols.forEach((symbol, index) => {
      const { name, place, hidden, binding } = symbol;
      if (hidden || place.kind === 'undefined' || !table.isChosen(object, index)) return;
      const address = binding !== 'local' && byScript(name) ? undefined : resolution.addressOf(object, index);
      if (address === undefined) return;
      const kind = place.kind === 'absolute' ? 'absolute' : symbol.kind === 'thread' ? 'object' : symbol.kind;
      const shared = { name, address, size: symbol.size, kind, scope: binding, file: objectTitle(object) } as const;
      symbols.push({
        ...shared,
        thread: symbol.kind === 'thread',
        visibility: table.visibility.get(name) ?? 'default',
      });
    });
  }
  for (const [name, { value, hidden, provided }] of layout.symbols) {
    if (provided && table.globals.has(name)) continue;
    const address = addressOfValue(layout, value);
    const visibility = hidden ? 'hidden' : 'default';
    symbols.push({ name, address, size: 0, kind: 'label', scope: 'global', thread: false, visibility });
  }
  return symbols;
}

export function linkedLines({ objects, inputs, layout }: OutputTask): LineEntry[] {
  const lines: LineEntry[] = [];
  for (const object of objects) {
    object.sections.forEach((section, index) => {
      const input = section.lines.length === 0 ? undefined : inputs.of(object, index);
      const base = input === undefined ? undefined : addressOfInput(layout, input);
      if (base === undefined) return;
      for (const { offset, ...location } of section.lines) lines.push({ address: base + BigInt(offset), ...location });
      lines.push({ address: base + BigInt(section.size), file: object.name, line: 0 });
    });
  }
  // An end and a beginning may share an address: the beginning counts.
  lines.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : a.line - b.line));
  return lines.filter((entry, index) => entry.address !== lines[index + 1]?.address);
}
