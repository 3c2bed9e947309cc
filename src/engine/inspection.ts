/** What a view may ask about the state that is shown, beyond the state itself: questions and answers as plain data. */
import type { CodeInspection, DeviceState, Translation, VirtqueueState } from './state.ts';

/** A line of the program's text. */
export interface SourceLine {
  readonly file: string;
  readonly line: number;
}

export interface DisassembledRow {
  readonly address: bigint;
  readonly size: number;
  /** The instruction as it lies in memory. */
  readonly word: number;
  /** There is memory that can be read; otherwise the rest means nothing. */
  readonly readable: boolean;
  readonly text: string;
  /** `handler` or `handler+0x1c`, where a label is near. */
  readonly symbol: string | undefined;
  readonly place: SourceLine | undefined;
  /** Where a breakpoint on its line stands. */
  readonly breaksHere: boolean;
}

export interface Descriptor {
  readonly address: number;
  readonly length: number;
  /** 1 NEXT, 2 WRITE, 4 INDIRECT. */
  readonly flags: number;
  readonly next: number;
}

/** A virtqueue with what lies in memory; the lists are empty where that cannot be read. */
export interface Virtqueue extends VirtqueueState {
  readonly descriptors: readonly Descriptor[];
  /** The driver's ring: how many chains it has made available, modulo 2¹⁶, and their heads by slot. */
  readonly availableIndex: number;
  readonly availableRing: readonly number[];
  /** The device's ring. */
  readonly usedIndex: number;
  readonly usedRing: readonly { readonly id: number; readonly length: number }[];
}

export interface InspectedDevice extends Omit<DeviceState, 'queues'> {
  readonly queues: readonly Virtqueue[];
}

/** Every kind of question, with what it is about and what comes back. */
interface Inspections {
  /** Bytes from an address on; undefined where none can be read. At most a page. */
  memory: {
    readonly about: { readonly space: 'virtual' | 'physical'; readonly address: bigint; readonly bytes: number };
    readonly answer: readonly (number | undefined)[];
  };
  /** How the current page tables of a hart map an address. */
  translation: { readonly about: { readonly va: bigint }; readonly answer: Translation };
  /** Instructions from a virtual address on, with up to `before` of them in front of it. */
  disassembly: {
    readonly about: { readonly va: bigint; readonly count: number; readonly before?: number };
    readonly answer: readonly DisassembledRow[];
  };
  /** All devices with their registers and queues. */
  devices: { readonly about: unknown; readonly answer: readonly InspectedDevice[] };
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

/** What one can go back to: where it last happened, by position, before the step at which it did. */
export type Landmark =
  | { readonly kind: 'trap' }
  | { readonly kind: 'breakpoint' }
  /** A store to memory, by virtual address; or by physical address. */
  | {
      readonly kind: 'write';
      readonly space?: 'virtual' | 'physical';
      readonly address: bigint;
      readonly bytes: number;
      readonly hart: number;
    }
  /** The instruction that gave an integer register its value. */
  | { readonly kind: 'register'; readonly register: number; readonly hart: number }
  /** The same for a floating-point register. */
  | { readonly kind: 'float'; readonly register: number; readonly hart: number }
  /** An instruction, a trap or a return that wrote a CSR. */
  | { readonly kind: 'csr'; readonly name: string; readonly hart: number };

/** Where the machine was, seen at evenly spaced steps of a part of the run. */
export interface Profile {
  readonly start: number;
  readonly end: number;
  readonly samples: number;
  readonly stacks: readonly ProfileStack[];
}

export interface ProfileStack {
  /** As `HartState.mode`. */
  readonly mode: number;
  /** Names of functions, the outermost first. */
  readonly frames: readonly string[];
  /** Samples that found it. */
  readonly count: number;
}
