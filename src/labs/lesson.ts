/** A lesson as data: what `parseLesson` makes of a folder, and everything else in the lab works on. */
import { type FirmwareTexts, firmwareFiles, inFirmwareFolder } from './firmware-files.ts';
import type { LibraryTexts } from './guest-library.ts';
import type { MachineSettings } from './machine-settings.ts';

export interface LessonFile {
  readonly name: string;
  /** `hidden` files are built with the others and never shown. */
  readonly mode: 'edit' | 'read' | 'hidden';
  /** As the student first sees it. */
  readonly text: string;
}

/** A file that is no text: an ELF file, a disk's image. */
export interface Attachment {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface RunDefinition {
  readonly name: string;
  /** Steps of the machine; when they are spent, every check of the run fails. */
  readonly budget: number;
  /** Symbols for the build: CEL expressions over `seed`. */
  readonly define: Readonly<Record<string, string>>;
}

export interface Hint {
  readonly id: string;
  /** CEL over the run's observations. */
  readonly when: string;
  readonly say: string;
}

export interface Check {
  readonly id: string;
  readonly title: string;
  readonly run: string;
  /** CEL over the run's observations; passes if true. */
  readonly expect: string;
  /** The first whose condition holds is shown. */
  readonly hints: readonly Hint[];
  readonly hint: string;
}

export interface WrongAnswer {
  readonly name: string;
  readonly check: string;
  readonly hint: string;
}

/** What is read from a run at its end: CEL over its observations. */
export interface Measure {
  readonly run: string;
  readonly value: string;
}

export const measureKey = ({ run, value }: Measure): string => `${run}: ${value}`;

/** A piece of the notebook, in the order of the page. `line` is where it stands in index.md. */
export type Cell =
  | { readonly kind: 'prose'; readonly line: number; readonly html: string }
  | { readonly kind: 'note'; readonly line: number; readonly html: string }
  | {
      readonly kind: 'bench';
      readonly line: number;
      readonly id: string;
      readonly run: string;
      readonly open: string;
      readonly views: readonly string[];
      /** The bench whose end this one goes on from; `run` is that one's then. */
      readonly after: string | undefined;
      /** The label before which this bench's part of the run ends; without one it goes on to the run's end. */
      readonly until: string | undefined;
    }
  | { readonly kind: 'view'; readonly line: number; readonly name: string }
  | {
      readonly kind: 'predict';
      readonly line: number;
      readonly id: string;
      readonly run: string;
      readonly value: string;
      readonly unit: string;
      readonly html: string;
    }
  | { readonly kind: 'select'; readonly line: number; readonly id: string; readonly run: string; readonly html: string }
  | {
      readonly kind: 'choice';
      readonly line: number;
      readonly id: string;
      readonly html: string;
      readonly options: readonly string[];
    }
  | {
      readonly kind: 'compare';
      readonly line: number;
      readonly id: string;
      readonly runs: readonly string[];
      readonly html: string;
      readonly rows: readonly { readonly html: string; readonly value: string }[];
    }
  | {
      readonly kind: 'plot';
      readonly line: number;
      readonly id: string;
      readonly run: string;
      /** CEL: a list of numbers. */
      readonly value: string;
      readonly unit: string;
      /** What the horizontal axis counts, and its number at the first value; empty where it is only the order. */
      readonly x: string;
      readonly from: number;
      readonly html: string;
    }
  | { readonly kind: 'checks'; readonly line: number };

export type CellOf<K extends Cell['kind']> = Extract<Cell, { readonly kind: K }>;

export interface Lesson {
  /** Name of its folder: `03-privilege-and-traps`. */
  readonly slug: string;
  readonly title: string;
  readonly summary: string;
  readonly version: number;
  readonly minutes: number;
  readonly machine: MachineSettings;
  /** Of a machine that boots with firmware: whoever loads the lesson brings them. */
  readonly firmware?: FirmwareTexts;
  readonly files: readonly LessonFile[];
  readonly attachments?: readonly Attachment[];
  /** An attachment that is booted in place of what the files build: ELF, Linux `Image`, or a flat binary. */
  readonly kernel?: string;
  /** An attachment: the kernel's initial RAM disk. */
  readonly initrd?: string;
  /** The kernel's command line. */
  readonly append?: string;
  /** The guest library that its programs may take from. */
  readonly library?: LibraryTexts;
  readonly runs: readonly RunDefinition[];
  readonly checks: readonly Check[];
  readonly wrong: readonly WrongAnswer[];
  readonly cells: readonly Cell[];
  /** All that the cells show of runs. */
  readonly measures: readonly Measure[];
}

/** An author's mistake: where it is, what is wrong, and what to write instead. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly fix: string;
}

export type ParsedLesson =
  | { readonly ok: true; readonly lesson: Lesson }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Texts of a lesson's folder by path within it: `index.md`, `start/handler.S`, … */
export type LessonFolder = ReadonlyMap<string, string>;

export const runNamed = (lesson: Lesson, name: string): RunDefinition | undefined =>
  lesson.runs.find((run) => run.name === name);

export const editableFiles = (lesson: Lesson): readonly LessonFile[] =>
  lesson.files.filter((file) => file.mode === 'edit');

/** A bench and those that it goes on from, the first of them first. */
export function chainOf(lesson: Lesson, id: string): readonly CellOf<'bench'>[] {
  const bench = lesson.cells.find((cell): cell is CellOf<'bench'> => cell.kind === 'bench' && cell.id === id);
  if (bench === undefined) return [];
  return bench.after === undefined ? [bench] : [...chainOf(lesson, bench.after), bench];
}

export type Question = CellOf<'select'> | CellOf<'choice'>;

export const questionsOf = (lesson: Lesson): readonly Question[] =>
  lesson.cells.filter((cell): cell is Question => cell.kind === 'select' || cell.kind === 'choice');

export function formatProblem({ file, line, column, message, fix }: Problem): string {
  return `${file}:${line}:${column}: ${message}\n    ${fix}`;
}

/** Files to look at: all but the hidden ones, and the firmware's, which is guest software like any other. */
export function shownFiles({ files, firmware }: Lesson): readonly LessonFile[] {
  const shown = files.filter(({ mode }) => mode !== 'hidden');
  if (firmware === undefined) return shown;
  return [...shown, ...firmwareFiles.map((name) => firmwareFile(name, firmware[name]))];
}

const firmwareFile = (name: string, text: string): LessonFile => ({ name: inFirmwareFolder(name), mode: 'read', text });

/** Texts of the firmware for the lessons that boot with it. */
export const withFirmware = (lesson: Lesson, firmware: FirmwareTexts): Lesson =>
  lesson.machine.boot === 'firmware' ? { ...lesson, firmware } : lesson;
