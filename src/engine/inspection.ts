/** What a view may ask about the state that is shown, beyond the state itself: questions and answers as plain data. */
import type { Belief, GuestMemory } from './belief.ts';
import type { WalkOutcome } from './events.ts';
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
  /** Call-frame information says who called it; else its instructions do, as far as they treat the stack as usual. */
  readonly certain: boolean;
  readonly place: { readonly file: string; readonly line: number } | undefined;
  readonly variables: readonly ShownValue[];
}

export type ShownExpression =
  | { readonly ok: true; readonly value: ShownValue; readonly children: readonly ShownValue[] }
  | { readonly ok: false; readonly message: string };

/**
 * Page tables by the register that names their root. `single`: those of `satp`; `guest`: of `vsatp`, whose addresses
 * are guest physical and go through `hgatp`; `host`: of `hgatp` itself.
 */
export interface TableRoot {
  readonly stage: 'single' | 'guest' | 'host';
  /** The register's value. */
  readonly atp: bigint;
  /** Of a guest's tables; 0 where nothing stands behind them. */
  readonly hgatp: bigint;
  /** Of a deprivileged guest's tables: where its physical addresses lie. */
  readonly memory?: readonly GuestMemory[];
}

/** A table as it lies in memory, with the entries that are not zero, in order. */
export interface TablePage {
  readonly level: number;
  /** As what leads to it names it: of a guest's table, guest physical. */
  readonly address: bigint;
  /** Undefined where no RAM stands behind the address. */
  readonly physical: bigint | undefined;
  readonly indices: readonly number[];
  readonly values: readonly bigint[];
}

/** The tables that an address leads through, root first. */
export interface TablePath {
  readonly tables: readonly TablePage[];
  /** What ends the path, without regard to permissions: `ok` is a leaf. */
  readonly outcome: WalkOutcome;
  /** Where a leaf leads to; for a guest, its physical address. */
  readonly to: bigint | undefined;
}

/** Pages in a row, mapped to pages in a row with the same permissions. */
export interface MappedRange {
  readonly from: bigint;
  readonly to: bigint;
  readonly bytes: bigint;
  /** V R W X U G, as in the low byte of a PTE. */
  readonly flags: number;
  /** Levels of the leaves that it consists of: bit 0 for 4 KiB pages, bit 1 for 2 MiB, and so on. */
  readonly levels: number;
}

export interface Mappings {
  /** In the order of the addresses' indices. */
  readonly ranges: readonly MappedRange[];
  readonly tables: number;
  /** False where there was more than is gone through. */
  readonly complete: boolean;
}

/** What lies at physical addresses: devices, RAM, and what the program was loaded to. */
export interface Place {
  readonly kind: 'device' | 'ram' | 'segment';
  /** Of a segment, empty: its symbols say more. */
  readonly name: string;
  readonly physical: bigint;
  readonly bytes: bigint;
  /** Where the program has symbols for it. */
  readonly linked: bigint;
}

/** The last two are addresses as the current guest has them. */
export type MemorySpace = 'virtual' | 'physical' | 'guest-virtual' | 'guest-physical';

/** Every kind of question, with what it is about and what comes back. */
interface Inspections {
  /** What the guest that is current on a hart takes for its machine; undefined where none is. */
  belief: { readonly about: object; readonly answer: Belief | undefined };
  /** Bytes from an address on; undefined where none can be read. At most a page. */
  memory: {
    readonly about: { readonly space: MemorySpace; readonly address: bigint; readonly bytes: number };
    readonly answer: readonly (number | undefined)[];
  };
  /** How the current page tables of a hart map an address. */
  translation: { readonly about: { readonly va: bigint }; readonly answer: Translation };
  /** The tables on an address's way, at this moment, whether or not they are in use. */
  path: { readonly about: { readonly root: TableRoot; readonly address: bigint }; readonly answer: TablePath };
  /** All that tables map, at this moment. */
  mappings: { readonly about: { readonly root: TableRoot }; readonly answer: Mappings };
  places: { readonly about: object; readonly answer: readonly Place[] };
  /** Instructions from a virtual address on, with up to `before` of them in front of it. */
  disassembly: {
    readonly about: {
      readonly va: bigint;
      readonly count: number;
      readonly before?: number;
      readonly space?: 'virtual' | 'guest-virtual';
    };
    readonly answer: readonly DisassembledRow[];
  };
  /** The call stack, innermost frame first. */
  stack: { readonly about: unknown; readonly answer: readonly ShownFrame[] };
  /** `p->next->pid` in a frame of the stack, by its number from the innermost. */
  expression: { readonly about: { readonly text: string; readonly frame: number }; readonly answer: ShownExpression };
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

/** The tables that a guest takes for those in force. */
export const guestTables = ({ csrs, hgatp, kind, memory }: Belief): TableRoot => {
  const root: TableRoot = { stage: 'guest', atp: csrs.satp ?? 0n, hgatp };
  return kind === 'deprivileged' && memory.length > 0 ? { ...root, memory } : root;
};
