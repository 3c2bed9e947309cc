/** The syntax tree: what the source says, before any name or type is looked at. Plain data. */
import type { Span } from '../../diagnostics.ts';
import type { FloatingLiteral, IntegerLiteral } from './literals.ts';

export type UnaryOp = '-' | '+' | '!' | '~' | '*' | '&' | '++' | '--';
export type BinaryOp =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '<<'
  | '>>'
  | '&'
  | '|'
  | '^'
  | '=='
  | '!='
  | '<'
  | '>'
  | '<='
  | '>='
  | '&&'
  | '||'
  | ',';
export type AssignOp = '=' | '+=' | '-=' | '*=' | '/=' | '%=' | '<<=' | '>>=' | '&=' | '|=' | '^=';

/** `u8` makes no difference. */
export type StringPrefix = '' | 'u' | 'U' | 'L';

interface Placed {
  readonly at: Span;
}

export type Expression = Placed & {
  /** Stands in parentheses of its own: what looks like a slip is meant. */
  readonly wrapped?: true;
} & (
    | { readonly kind: 'integer'; readonly literal: IntegerLiteral }
    | { readonly kind: 'floating'; readonly literal: FloatingLiteral }
    | { readonly kind: 'character'; readonly value: number; readonly prefix: string }
    | { readonly kind: 'string'; readonly elements: readonly number[]; readonly prefix: StringPrefix }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'unary'; readonly op: UnaryOp; readonly operand: Expression }
    | { readonly kind: 'postfix'; readonly op: '++' | '--'; readonly operand: Expression }
    | {
        readonly kind: 'binary';
        readonly op: BinaryOp;
        readonly left: Expression;
        readonly right: Expression;
        readonly opAt: Span;
      }
    | {
        readonly kind: 'assign';
        readonly op: AssignOp;
        readonly target: Expression;
        readonly value: Expression;
        readonly opAt: Span;
      }
    | {
        readonly kind: 'conditional';
        readonly condition: Expression;
        /** Left out in the GNU form `a ?: b`. */
        readonly whenTrue: Expression | undefined;
        readonly otherwise: Expression;
      }
    | { readonly kind: 'call'; readonly callee: Expression; readonly args: readonly Expression[] }
    | { readonly kind: 'index'; readonly base: Expression; readonly index: Expression }
    | {
        readonly kind: 'member';
        readonly object: Expression;
        readonly name: string;
        readonly arrow: boolean;
        readonly nameAt: Span;
      }
    | { readonly kind: 'cast'; readonly type: TypeSyntax; readonly operand: Expression }
    | { readonly kind: 'compound'; readonly type: TypeSyntax; readonly initializer: Initializer }
    | { readonly kind: 'sizeof' | 'alignof'; readonly of: TypeSyntax | Expression; readonly isType: boolean }
    | { readonly kind: 'block'; readonly body: Statement }
    | { readonly kind: 'generic'; readonly control: Expression; readonly choices: readonly GenericChoice[] }
    | { readonly kind: 'vaArg'; readonly list: Expression; readonly type: TypeSyntax }
    | { readonly kind: 'offsetof'; readonly type: TypeSyntax; readonly path: readonly Designator[] }
    /** `&&label` (GNU). */
    | { readonly kind: 'labelAddress'; readonly name: string }
    | { readonly kind: 'typesCompatible'; readonly left: TypeSyntax; readonly right: TypeSyntax }
    /** Could not be read; said already. */
    | { readonly kind: 'broken' }
  );

export interface GenericChoice {
  /** Undefined for `default`. */
  readonly type: TypeSyntax | undefined;
  readonly value: Expression;
}

export interface Qualifiers {
  readonly const?: true;
  readonly volatile?: true;
  readonly atomic?: true;
}

export type TypeSyntax = Placed &
  /** Keywords in any order: `unsigned long int`. */
  (
    | { readonly kind: 'basic'; readonly words: readonly string[] }
    | { readonly kind: 'named'; readonly name: string }
    | {
        readonly kind: 'record';
        readonly union: boolean;
        readonly tag: string | undefined;
        readonly members: readonly MemberSyntax[] | undefined;
        readonly assertions: readonly Assertion[];
        readonly attributes: readonly Attribute[];
      }
    | {
        readonly kind: 'enum';
        readonly tag: string | undefined;
        readonly items: readonly EnumItem[] | undefined;
        readonly attributes: readonly Attribute[];
      }
    | { readonly kind: 'typeof'; readonly of: TypeSyntax | Expression; readonly isType: boolean }
    /** `__auto_type`: the type of the value that it begins with, once that is known. */
    | { readonly kind: 'auto'; readonly value: Expression | undefined }
    | { readonly kind: 'pointer'; readonly to: TypeSyntax; readonly qualifiers: Qualifiers }
    | { readonly kind: 'array'; readonly of: TypeSyntax; readonly length: Expression | undefined }
    | {
        readonly kind: 'function';
        readonly returns: TypeSyntax;
        readonly parameters: readonly ParameterSyntax[];
        readonly variadic: boolean;
        /** `()`: nothing is said about parameters. */
        readonly unknown: boolean;
        /** `(a, b)`: names alone, whose types follow before the body, as C had it before 1989. */
        readonly namesOnly: boolean;
      }
    | { readonly kind: 'qualified'; readonly type: TypeSyntax; readonly qualifiers: Qualifiers }
  );

export interface Attribute extends Placed {
  readonly name: string;
  readonly args: readonly Expression[];
}

export interface MemberSyntax extends Placed {
  /** Undefined for an anonymous struct or union, and for a nameless bit-field. */
  readonly name: string | undefined;
  readonly type: TypeSyntax;
  readonly bits: Expression | undefined;
  readonly attributes: readonly Attribute[];
  readonly alignas: readonly (TypeSyntax | Expression)[];
}

export interface EnumItem extends Placed {
  readonly name: string;
  readonly value: Expression | undefined;
}

export interface ParameterSyntax extends Placed {
  readonly name: string | undefined;
  readonly type: TypeSyntax;
}

export type Designator = Placed &
  (
    | { readonly kind: 'member'; readonly name: string }
    | { readonly kind: 'index'; readonly index: Expression; readonly last: Expression | undefined }
  );

export type Initializer = Placed &
  (
    | { readonly kind: 'value'; readonly value: Expression }
    | { readonly kind: 'list'; readonly items: readonly InitializerItem[] }
  );

export interface InitializerItem {
  readonly designators: readonly Designator[];
  readonly value: Initializer;
}

export type StorageClass = 'typedef' | 'extern' | 'static' | 'auto' | 'register';

export interface DeclarationSpecifiers extends Placed {
  readonly type: TypeSyntax;
  readonly storage: StorageClass | undefined;
  readonly inline: boolean;
  readonly noreturn: boolean;
  readonly threadLocal: boolean;
  readonly attributes: readonly Attribute[];
  readonly alignas: readonly (TypeSyntax | Expression)[];
}

export interface Declarator extends Placed {
  readonly name: string;
  readonly type: TypeSyntax;
  readonly attributes: readonly Attribute[];
  /** `asm("a7")` after the name. */
  readonly register: string | undefined;
  readonly initializer: Initializer | undefined;
}

export interface Assertion extends Placed {
  readonly kind: 'assert';
  readonly condition: Expression;
  readonly message: string | undefined;
}

export type Declaration = Placed &
  (
    | {
        readonly kind: 'declaration';
        readonly specifiers: DeclarationSpecifiers;
        readonly declarators: readonly Declarator[];
      }
    | Assertion
  );

export interface FunctionDefinition extends Placed {
  readonly kind: 'function';
  readonly specifiers: DeclarationSpecifiers;
  readonly declarator: Declarator;
  readonly body: Statement;
  readonly end: Span;
}

export interface AsmOperand extends Placed {
  readonly name: string | undefined;
  readonly constraint: string;
  readonly value: Expression;
}

export interface AsmStatement extends Placed {
  readonly kind: 'asm';
  readonly template: string;
  readonly volatile: boolean;
  /** Has colons: `%` is special in the template. */
  readonly extended: boolean;
  readonly outputs: readonly AsmOperand[];
  readonly inputs: readonly AsmOperand[];
  readonly clobbers: readonly string[];
}

export type Statement = Placed &
  (
    | { readonly kind: 'expression'; readonly value: Expression }
    | { readonly kind: 'declare'; readonly declaration: Declaration }
    | { readonly kind: 'compound'; readonly statements: readonly Statement[]; readonly end: Span }
    | {
        readonly kind: 'if';
        readonly condition: Expression;
        readonly whenTrue: Statement;
        readonly otherwise: Statement | undefined;
      }
    | { readonly kind: 'while'; readonly condition: Expression; readonly body: Statement }
    | { readonly kind: 'do'; readonly condition: Expression; readonly body: Statement }
    | {
        readonly kind: 'for';
        readonly first: Statement | undefined;
        readonly condition: Expression | undefined;
        readonly step: Expression | undefined;
        readonly body: Statement;
      }
    | { readonly kind: 'switch'; readonly value: Expression; readonly body: Statement }
    | {
        readonly kind: 'case';
        readonly value: Expression;
        /** The GNU form `case 1 ... 5`. */
        readonly last: Expression | undefined;
        readonly body: Statement;
      }
    | { readonly kind: 'default'; readonly body: Statement }
    | { readonly kind: 'label'; readonly name: string; readonly body: Statement }
    | { readonly kind: 'goto'; readonly name: string }
    /** `goto *address` (GNU). */
    | { readonly kind: 'gotoValue'; readonly value: Expression }
    | { readonly kind: 'break' | 'continue' | 'empty' }
    | { readonly kind: 'return'; readonly value: Expression | undefined }
    | AsmStatement
  );

export type External = Declaration | FunctionDefinition | AsmStatement;

/** From the beginning of one to the end of the other, where that is one line. */
export const across = (first: Span, last: Span): Span =>
  first.line === last.line && first.file === last.file && first.inside === last.inside
    ? { ...first, endColumn: Math.max(first.endColumn, last.endColumn) }
    : first;
