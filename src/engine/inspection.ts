/** What a view may ask about the state that is shown, beyond the state itself: questions and answers as plain data. */
import type { CodeInspection, Translation } from './state.ts';

export interface DisassembledRow {
  readonly address: bigint;
  readonly size: number;
  /** The instruction as it lies in memory. */
  readonly word: number;
  readonly text: string;
  /** `handler` or `handler+0x1c`, where a label is near. */
  readonly symbol: string | undefined;
  readonly place: { readonly file: string; readonly line: number } | undefined;
}

/** A value of the program as its source has it. */
export interface ShownValue {
  readonly name: string;
  /** The expression that gives it, in its frame. */
  readonly path: string;
  readonly type: string;
  readonly text: string;
  /** It is made of others: ask for its `path`. */
  readonly hasChildren: boolean;
  /** Where it lies, if that is memory. */
  readonly address: bigint | undefined;
  readonly parameter: boolean;
}

export interface ShownFrame {
  readonly pc: bigint;
  /** The function, or the nearest symbol. */
  readonly name: string;
  /** Taken into the function of the next frame. */
  readonly inlined: boolean;
  readonly place: { readonly file: string; readonly line: number } | undefined;
  readonly variables: readonly ShownValue[];
}

export type ShownExpression =
  | { readonly ok: true; readonly value: ShownValue; readonly children: readonly ShownValue[] }
  | { readonly ok: false; readonly message: string };

/** Every kind of question, with what it is about and what comes back. */
interface Inspections {
  /** Bytes from an address on; undefined where none can be read. At most a page. */
  memory: {
    readonly about: { readonly space: 'virtual' | 'physical'; readonly address: bigint; readonly bytes: number };
    readonly answer: readonly (number | undefined)[];
  };
  /** How the current page tables of a hart map an address. */
  translation: { readonly about: { readonly va: bigint }; readonly answer: Translation };
  /** Instructions from a virtual address on. */
  disassembly: {
    readonly about: { readonly va: bigint; readonly count: number };
    readonly answer: readonly DisassembledRow[];
  };
  /** The call stack, innermost frame first. */
  stack: { readonly about: unknown; readonly answer: readonly ShownFrame[] };
  /** `p->next->pid` in a frame of the stack, by its number from the innermost. */
  expression: { readonly about: { readonly text: string; readonly frame: number }; readonly answer: ShownExpression };
  /** How the code at a virtual address runs. */
  code: { readonly about: { readonly va: bigint }; readonly answer: CodeInspection | undefined };
}

export type InspectionKind = keyof Inspections;
export type InspectionOf<K extends InspectionKind> = {
  readonly kind: K;
  readonly hart: number;
} & Inspections[K]['about'];
export type Inspection = { [K in InspectionKind]: InspectionOf<K> }[InspectionKind];
export type AnswerOf<K extends InspectionKind> = Inspections[K]['answer'];

/** Gives the answer about the state that is shown, or undefined until it is there; the View is drawn again then. */
export type Inspect = <K extends InspectionKind>(question: InspectionOf<K>) => AnswerOf<K> | undefined;
