/** The checked program: every name resolved, every conversion explicit. What the IR is made from. */
import type { Span } from '../../diagnostics.ts';
import type { BitRange, CType, FunctionType } from '../types/types.ts';

/** A variable or parameter of a function. */
export interface Local {
  readonly name: string;
  readonly type: CType;
  readonly at: Span;
  readonly parameter: boolean;
  /** Least alignment in bytes. */
  readonly alignment: number;
  /** The register that `asm("a7")` binds it to. */
  readonly register: string | undefined;
  /** Something may point to it: it lives in memory. */
  addressed: boolean;
  used: boolean;
  /** Something that may be negative is assigned to it. */
  negative: boolean;
  /** It may be negative if one of these may. */
  readonly follows: Set<Local>;
}

export type Linkage = 'local' | 'global' | 'weak';

/** A function or a variable with static storage. */
export interface Global {
  /** As the assembler knows it. */
  readonly symbol: string;
  readonly name: string;
  type: CType;
  readonly at: Span;
  linkage: Linkage;
  defined: boolean;
  section: string | undefined;
  alignment: number;
  used: boolean;
  /** `__attribute__((used))`: kept though nothing refers to it. */
  kept: boolean;
  /** Nobody need use it: `inline`, or `__attribute__((unused))`. */
  optional: boolean;
  noreturn: boolean;
  /** Other modules do not see it. */
  hidden: boolean;
  /** Another name for what has this symbol. */
  alias: string | undefined;
  /** Called before or after the program: the section that its address stands in. */
  array: { readonly kind: 'init_array' | 'fini_array'; readonly section: string } | undefined;
  /** The register that `register … asm("tp")` names for the whole file. */
  register: string | undefined;
  /** `warn_unused_result` */
  mustUse: boolean;
  /** Parameters of a `printf`-like function: where the format stands, and the first argument (from 1; 0 for none). */
  format: { readonly style: string; readonly at: number; readonly first: number } | undefined;
}

export type ArithmeticOp = '+' | '-' | '*' | '/' | '%' | '<<' | '>>' | '&' | '|' | '^';
export type CompareOp = '==' | '!=' | '<' | '>' | '<=' | '>=';

export interface InitItem {
  readonly offset: number;
  readonly type: CType;
  readonly bits: BitRange | undefined;
  readonly value: Typed;
}

/** What is not named is zero. Later items win over earlier ones. */
export interface Init {
  readonly items: readonly InitItem[];
  /** Some byte of the object is not covered by an item. */
  readonly zeroFill: boolean;
}

interface Node {
  readonly type: CType;
  readonly at: Span;
}

export type Typed = Node &
  (
    | { readonly kind: 'constant'; readonly value: bigint }
    | { readonly kind: 'float'; readonly value: number }
    | { readonly kind: 'local'; readonly local: Local }
    | { readonly kind: 'global'; readonly global: Global }
    | { readonly kind: 'string'; readonly elements: readonly number[]; readonly width: 1 | 2 | 4 }
    | { readonly kind: 'deref'; readonly pointer: Typed }
    | { readonly kind: 'field'; readonly object: Typed; readonly offset: number; readonly bits: BitRange | undefined }
    /** `&x`, and an array or function that becomes a pointer. */
    | { readonly kind: 'address'; readonly operand: Typed }
    | { readonly kind: 'convert'; readonly operand: Typed }
    | { readonly kind: 'negate' | 'complement' | 'not'; readonly operand: Typed }
    /** Operands have the type of the result; the right one of a shift has its own. */
    | { readonly kind: 'arithmetic'; readonly op: ArithmeticOp; readonly left: Typed; readonly right: Typed }
    | { readonly kind: 'compare'; readonly op: CompareOp; readonly left: Typed; readonly right: Typed }
    /** Pointer plus `index * size`; the index has 64 bits. */
    | { readonly kind: 'offset'; readonly pointer: Typed; readonly index: Typed; readonly size: number }
    | { readonly kind: 'difference'; readonly left: Typed; readonly right: Typed; readonly size: number }
    | { readonly kind: 'logical'; readonly op: '&&' | '||'; readonly left: Typed; readonly right: Typed }
    /** Without `whenTrue`: the condition's own value where it is not zero (`a ?: b`). */
    | {
        readonly kind: 'conditional';
        readonly condition: Typed;
        readonly whenTrue: Typed | undefined;
        readonly otherwise: Typed;
      }
    | { readonly kind: 'comma'; readonly left: Typed; readonly right: Typed }
    | { readonly kind: 'assign'; readonly target: Typed; readonly value: Typed }
    /** `x op= y`, `x++`: computed in `compute`; a pointer counts in steps of `size`. */
    | {
        readonly kind: 'update';
        readonly target: Typed;
        readonly op: ArithmeticOp;
        readonly value: Typed;
        readonly compute: CType;
        readonly size: number;
        /** The value of the expression is the old one. */
        readonly post: boolean;
      }
    | {
        readonly kind: 'call';
        readonly callee: Typed;
        readonly args: readonly Typed[];
        readonly signature: FunctionType;
      }
    | { readonly kind: 'block'; readonly statements: readonly TypedStatement[]; readonly result: Typed | undefined }
    | { readonly kind: 'literal'; readonly local: Local; readonly init: Init }
    | { readonly kind: 'vaArg'; readonly list: Typed }
    | { readonly kind: 'builtin'; readonly name: string; readonly args: readonly Typed[] }
    | { readonly kind: 'broken' }
  );

export interface SwitchCase {
  /** As values of the promoted type; `first` ≤ `last`. */
  readonly first: bigint;
  readonly last: bigint;
  readonly label: Label;
}

/** A place that is jumped to; compared by identity. */
export interface Label {
  readonly name: string;
  /** `goto` may lead to it. */
  readonly named: boolean;
}

export interface TypedAsmOperand {
  readonly name: string | undefined;
  readonly constraint: string;
  readonly value: Typed;
}

export interface TypedAsm {
  readonly kind: 'asm';
  readonly at: Span;
  readonly template: string;
  readonly extended: boolean;
  readonly volatile: boolean;
  readonly outputs: readonly TypedAsmOperand[];
  readonly inputs: readonly TypedAsmOperand[];
  readonly clobbers: readonly string[];
}

export type TypedStatement =
  | { readonly kind: 'expression'; readonly value: Typed; readonly at: Span }
  | { readonly kind: 'declare'; readonly local: Local; readonly init: Init | undefined; readonly at: Span }
  | { readonly kind: 'compound'; readonly statements: readonly TypedStatement[]; readonly at: Span }
  | {
      readonly kind: 'if';
      readonly condition: Typed;
      readonly whenTrue: TypedStatement;
      readonly otherwise: TypedStatement | undefined;
      readonly at: Span;
    }
  | {
      readonly kind: 'loop';
      /** Undefined: for ever. */
      readonly condition: Typed | undefined;
      readonly step: Typed | undefined;
      readonly body: TypedStatement;
      /** `do`: the body comes before the first test. */
      readonly bodyFirst: boolean;
      readonly breakTo: Label;
      readonly continueTo: Label;
      readonly at: Span;
    }
  | {
      readonly kind: 'switch';
      readonly value: Typed;
      readonly cases: readonly SwitchCase[];
      readonly fallback: Label | undefined;
      readonly body: TypedStatement;
      readonly breakTo: Label;
      readonly at: Span;
    }
  | { readonly kind: 'label'; readonly label: Label; readonly body: TypedStatement; readonly at: Span }
  | { readonly kind: 'goto'; readonly label: Label; readonly at: Span }
  | { readonly kind: 'return'; readonly value: Typed | undefined; readonly at: Span }
  | TypedAsm;

export interface TypedFunction {
  readonly global: Global;
  readonly type: FunctionType;
  readonly parameters: readonly Local[];
  readonly body: TypedStatement;
  readonly at: Span;
  readonly end: Span;
  /** Has no prologue or epilogue of the compiler's: its body is assembly. */
  readonly naked: boolean;
  readonly inline: 'never' | 'maybe' | 'always';
}

export interface TypedObject {
  readonly global: Global;
  /** Undefined: zeros. */
  readonly init: Init | undefined;
  readonly at: Span;
}

export interface TypedProgram {
  readonly functions: readonly TypedFunction[];
  readonly objects: readonly TypedObject[];
  /** `asm` outside of functions. */
  readonly assembly: readonly { readonly text: string; readonly at: Span }[];
  /** Every global that something refers to or defines. */
  readonly globals: readonly Global[];
}
