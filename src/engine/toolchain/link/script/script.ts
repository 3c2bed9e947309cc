/** A linker script as data. GNU ld's manual, "Linker Scripts", says what each command means. */
import type { Span } from '../../diagnostics.ts';

export type UnaryOperator = '-' | '~' | '!' | '+';

export type BinaryOperator =
  | '*'
  | '/'
  | '%'
  | '+'
  | '-'
  | '<<'
  | '>>'
  | '=='
  | '!='
  | '<='
  | '>='
  | '<'
  | '>'
  | '&'
  | '^'
  | '|'
  | '&&'
  | '||';

export type SectionFunction = 'ADDR' | 'SIZEOF' | 'LOADADDR' | 'ALIGNOF';
export type RegionFunction = 'ORIGIN' | 'LENGTH';
export type PlainFunction =
  | 'ALIGN'
  | 'ABSOLUTE'
  | 'MAX'
  | 'MIN'
  | 'LOG2CEIL'
  | 'DATA_SEGMENT_ALIGN'
  | 'DATA_SEGMENT_RELRO_END'
  | 'DATA_SEGMENT_END';

export type Expression =
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'symbol'; readonly name: string; readonly at: Span }
  /** The location counter. */
  | { readonly kind: 'dot' }
  | { readonly kind: 'unary'; readonly op: UnaryOperator; readonly a: Expression }
  | {
      readonly kind: 'binary';
      readonly op: BinaryOperator;
      readonly a: Expression;
      readonly b: Expression;
      readonly at: Span;
    }
  | {
      readonly kind: 'conditional';
      readonly test: Expression;
      readonly whenTrue: Expression;
      readonly whenFalse: Expression;
    }
  | { readonly kind: 'call'; readonly name: PlainFunction; readonly args: readonly Expression[]; readonly at: Span }
  | { readonly kind: 'section'; readonly name: SectionFunction; readonly section: string; readonly at: Span }
  | { readonly kind: 'region'; readonly name: RegionFunction; readonly region: string; readonly at: Span }
  | { readonly kind: 'defined'; readonly name: string }
  | { readonly kind: 'headersSize' }
  | { readonly kind: 'assert'; readonly test: Expression; readonly message: string; readonly at: Span };

/** `provide`: only if something asks for the symbol and nothing else defines it. */
export interface Assignment {
  readonly kind: 'assign';
  readonly target: string;
  /** For `target op= value`. */
  readonly op: BinaryOperator | undefined;
  readonly value: Expression;
  readonly provide: boolean;
  readonly hidden: boolean;
  readonly at: Span;
}

export interface Assertion {
  readonly kind: 'assert';
  readonly test: Expression;
  readonly message: string;
  readonly at: Span;
}

export type SortOrder = 'name' | 'alignment' | 'priority';

export interface SectionPattern {
  readonly glob: string;
  /** Files of which no section is taken. */
  readonly excluded: readonly string[];
  /** The first order decides, the second among equals. */
  readonly sort: readonly SortOrder[];
}

export interface InputPattern {
  readonly kind: 'input';
  readonly file: string;
  readonly excluded: readonly string[];
  readonly sortFiles: boolean;
  /** None: every section that nothing else has taken. */
  readonly sections: readonly SectionPattern[];
  readonly keep: boolean;
  readonly at: Span;
}

export interface DataItem {
  readonly kind: 'data';
  readonly bytes: 1 | 2 | 4 | 8;
  readonly value: Expression;
}

/** A pattern for gaps, from here on to the end of the section. */
export interface FillItem {
  readonly kind: 'fill';
  readonly fill: Fill;
}

/** Bytes as they are written, or a number of which the low four bytes are taken, the highest first. */
export type Fill =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'value'; readonly value: Expression };

export type OutputItem = Assignment | Assertion | InputPattern | DataItem | FillItem;

export interface Name {
  readonly text: string;
  readonly at: Span;
}

export interface OutputDescription {
  readonly kind: 'output';
  readonly name: string;
  readonly at: Span;
  readonly address: Expression | undefined;
  /** `NOLOAD` and its like: room in memory without bytes in the file. `INFO` and its like: not loaded at all. */
  readonly type: 'loaded' | 'noload' | 'info';
  readonly loadAddress: Expression | undefined;
  readonly align: Expression | undefined;
  readonly subalign: Expression | undefined;
  readonly items: readonly OutputItem[];
  readonly region: Name | undefined;
  readonly loadRegion: Name | undefined;
  readonly segments: readonly Name[];
  readonly fill: Fill | undefined;
}

export type Statement = Assignment | Assertion | OutputDescription;

export interface Region {
  readonly name: string;
  readonly at: Span;
  /** `rwxail`, `!` negates what follows. */
  readonly attributes: string;
  readonly origin: Expression;
  readonly length: Expression;
}

/** Another name for a region. */
export interface RegionAlias {
  readonly name: string;
  readonly region: Name;
}

export interface SegmentDescription {
  readonly name: string;
  readonly at: Span;
  readonly type: Expression;
  readonly fileHeader: boolean;
  readonly programHeaders: boolean;
  readonly loadAddress: Expression | undefined;
  readonly flags: Expression | undefined;
}

export interface Script {
  readonly file: string;
  readonly entry: Name | undefined;
  /** Statements of all SECTIONS commands and those around them, in their order. */
  readonly statements: readonly Statement[];
  /** Whether there is a SECTIONS command: without one the default layout is used. */
  readonly hasSections: boolean;
  readonly regions: readonly Region[];
  readonly aliases: readonly RegionAlias[];
  readonly segments: readonly SegmentDescription[];
  /** Sections that no pattern takes go behind others of their kind, or behind all others. */
  readonly orphans: 'like' | 'last';
  /** It leaves room for the file's headers. */
  readonly usesHeaders: boolean;
  /** Symbols that are to be looked for as if something used them. */
  readonly wanted: readonly Name[];
  /** Files that INPUT and GROUP name. */
  readonly inputs: readonly Name[];
}

/** With the location counter set before everything else. */
export function startingAt(script: Script, address: bigint): Script {
  const at = { file: script.file, line: 1, column: 1, endColumn: 2 };
  const value = { kind: 'number', value: BigInt.asUintN(64, address) } as const;
  const start: Assignment = { kind: 'assign', target: '.', op: undefined, value, provide: false, hidden: false, at };
  return { ...script, statements: [start, ...script.statements] };
}
