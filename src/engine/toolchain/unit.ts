/** The state of the assembler over one source. */
import type { Reporter, Span } from './diagnostics.ts';
import { type Names, type Node, numberNode, symbolNode } from './expression.ts';
import { type Statement, spanOf } from './scan.ts';
import { createSection, here, type Location, type Section, type SourceLocation } from './sections.ts';
import { type AssemblySymbol, createSymbol } from './symbols.ts';

export interface MacroParameter {
  readonly name: string;
  readonly fallback: string;
  readonly required: boolean;
  /** Takes the whole rest of the call. */
  readonly rest: boolean;
}

export interface Macro {
  readonly name: string;
  readonly parameters: readonly MacroParameter[];
  readonly body: readonly Statement[];
  readonly at: Span;
}

/** A run of statements being read: the file, a macro's expansion, a repetition. */
export interface Frame {
  readonly kind: 'file' | 'macro' | 'repetition';
  statements: readonly Statement[];
  next: number;
  /** The statements of the next round of a repetition, or undefined after the last. */
  readonly more?: () => readonly Statement[] | undefined;
  /** The statement that asks for it. */
  readonly at: Span;
  /** Conditionals that were open when it began. */
  readonly conditions: number;
  /** Name of the macro, to tell recursion from nesting. */
  readonly macro?: Macro;
}

export interface Condition {
  readonly at: Span;
  /** Statements are assembled; `done` says that some branch has been. */
  active: boolean;
  done: boolean;
  /** The conditional as a whole stands in text that is skipped. */
  readonly dead: boolean;
  seenElse: boolean;
}

interface LocalLabel {
  last: AssemblySymbol | undefined;
  next: AssemblySymbol | undefined;
}

/** Call-frame information of a function while it is being read. */
export interface FrameDraft {
  readonly section: Section;
  readonly start: Location;
  end: Location | undefined;
  readonly rules: (Location & { readonly bytes: readonly number[] })[];
  /** From the register that the frame's address is counted from. */
  cfaOffset: number;
}

export interface Unit {
  readonly file: string;
  readonly reporter: Reporter;
  /** Sources that `.include` may name. */
  readonly sources: ReadonlyMap<string, string>;
  /** Files that `.incbin` may name. */
  readonly binaries: ReadonlyMap<string, Uint8Array>;
  readonly sections: Map<string, Section>;
  section: Section;
  previous: Section;
  readonly sectionStack: { readonly section: Section; readonly previous: Section }[];
  readonly symbols: Map<string, AssemblySymbol>;
  /** In the order of their definition. */
  readonly defined: Set<AssemblySymbol>;
  /** Hidden symbols that relocations may name. */
  readonly hidden: AssemblySymbol[];
  readonly locals: Map<string, LocalLabel>;
  readonly macros: Map<string, Macro>;
  readonly frames: Frame[];
  readonly conditions: Condition[];
  /** Statements run and macros expanded so far. */
  statements: number;
  expansions: number;
  /** Characters that macros and repetitions have made. */
  expanded: number;
  /** Bytes asked for by `.space` and the like. */
  filled: number;
  ended: boolean;
  /** Sections that a warning has been given for. */
  readonly warned: Set<Section>;
  /** Whether `c.` instructions may be written, now and where `.option push` stands; and whether one was. */
  mayCompress: boolean;
  /** `la` goes through the global offset table. */
  pic: boolean;
  readonly optionStack: { readonly mayCompress: boolean; readonly pic: boolean }[];
  compressed: boolean;
  /** Files that `.file` has numbered, and the place that `.loc` gives to what follows. */
  readonly files: Map<string, string>;
  location: SourceLocation | undefined;
  isStatement: boolean;
  /** Functions with `.cfi_` directives, and the one that is open. */
  readonly callFrames: FrameDraft[];
  frame: FrameDraft | undefined;
  /** So much is missing after an error that later ones would only be noise. */
  broken: boolean;
}

export function createUnit(
  file: string,
  sources: ReadonlyMap<string, string>,
  defines: Readonly<Record<string, bigint>>,
  reporter: Reporter,
  binaries: ReadonlyMap<string, Uint8Array> = new Map(),
): Unit {
  const text = createSection('.text');
  const sections = new Map<string, Section>([['.text', text]]);
  for (const name of ['.data', '.bss']) sections.set(name, createSection(name));
  const symbols = new Map<string, AssemblySymbol>();
  for (const [name, value] of Object.entries(defines)) {
    symbols.set(name, { ...createSymbol(name, true), definition: { kind: 'value', value: numberNode(value) } });
  }
  return {
    file,
    reporter,
    sources,
    binaries,
    sections,
    section: text,
    previous: text,
    sectionStack: [],
    symbols,
    defined: new Set(),
    hidden: [],
    locals: new Map(),
    macros: new Map(),
    frames: [],
    conditions: [],
    statements: 0,
    expansions: 0,
    expanded: 0,
    filled: 0,
    ended: false,
    warned: new Set(),
    mayCompress: true,
    pic: false,
    optionStack: [],
    compressed: false,
    files: new Map(),
    location: undefined,
    isStatement: true,
    callFrames: [],
    frame: undefined,
    broken: false,
  };
}

export function symbolNamed(unit: Unit, name: string): AssemblySymbol {
  const known = unit.symbols.get(name);
  if (known !== undefined) return known;
  const symbol = createSymbol(name, name.startsWith('.L'));
  unit.symbols.set(name, symbol);
  return symbol;
}

/** Names that have a definition by now, for "did you mean". */
export function definedNames(unit: Unit): string[] {
  return [...unit.symbols.values()].filter(({ definition }) => definition !== undefined).map(({ name }) => name);
}

/** A label for the assembler's own use, at the present place. Tools for objects know it by the blank. */
export function labelHere(unit: Unit): AssemblySymbol {
  const symbol = createSymbol('.L0 ', true);
  symbol.definition = { kind: 'label', ...here(unit.section) };
  unit.hidden.push(symbol);
  return symbol;
}

function localLabel(unit: Unit, number: string): LocalLabel {
  const known = unit.locals.get(number);
  if (known !== undefined) return known;
  const label: LocalLabel = { last: undefined, next: undefined };
  unit.locals.set(number, label);
  return label;
}

function hiddenSymbol(unit: Unit, name: string): AssemblySymbol {
  const symbol = createSymbol(name, true);
  unit.hidden.push(symbol);
  return symbol;
}

const canonical = (number: string): string => number.replace(/^0+(?=\d)/, '');

/** `1:` */
export function defineLocal(unit: Unit, number: string, at: Span): void {
  const label = localLabel(unit, canonical(number));
  const symbol = label.next ?? hiddenSymbol(unit, canonical(number));
  symbol.definition = { kind: 'label', ...here(unit.section) };
  symbol.definedAt = at;
  label.last = symbol;
  label.next = undefined;
}

const describePlace = (span: Span | undefined): string =>
  span === undefined ? '' : ` at ${span.file}:${span.line}:${span.column}`;

export function defineLabel(unit: Unit, name: string, at: Span): void {
  const symbol = symbolNamed(unit, name);
  if (symbol.definition !== undefined) {
    const where = symbol.definedAt === undefined ? ' by the lab' : describePlace(symbol.definedAt);
    const hint = 'rename one of them, or use numeric labels (`1:` with `1b`, `1f`)';
    unit.reporter.error(at, `\`${name}\` is already defined${where}`, hint);
    return;
  }
  symbol.definition = { kind: 'label', ...here(unit.section) };
  symbol.definedAt = at;
  unit.defined.add(symbol);
}

/** `.set`: `once` refuses a symbol that has a value, as `.equiv` does. */
export function defineValue(unit: Unit, name: string, value: Node, at: Span, once: boolean): void {
  const symbol = symbolNamed(unit, name);
  const { definition } = symbol;
  if (definition !== undefined && (once || definition.kind !== 'value')) {
    unit.reporter.error(at, `\`${name}\` is already defined${describePlace(symbol.definedAt)}`, 'use another name');
    return;
  }
  symbol.definition = { kind: 'value', value };
  symbol.definedAt = at;
  unit.defined.add(symbol);
}

/** How expressions in `statement` see the unit. */
export function namesOf(unit: Unit, statement: Statement): Names {
  return {
    symbol(name) {
      const symbol = symbolNamed(unit, name);
      if (symbol.definition?.kind === 'value') return symbol.definition.value;
      return symbolNode(symbol);
    },
    local(number, forward) {
      const label = localLabel(unit, canonical(number));
      if (!forward) return label.last === undefined ? undefined : symbolNode(label.last);
      label.next ??= hiddenSymbol(unit, canonical(number));
      return symbolNode(label.next);
    },
    here: () => symbolNode(labelHere(unit)),
    warn: (start, end, message, hint) => unit.reporter.warn(spanOf(statement, start, end), message, hint),
  };
}
