/** Files that somebody brings to a workbench: sources join its files, an ELF file is booted, anything else is a disk. */
import { foreignRefusal } from './foreign-files.ts';
import type { Attachment } from './lesson.ts';
import { payloadOf } from './payload.ts';
import { isFileName, mostFiles, type Project, projectFormat, putFile, readProject } from './project.ts';

export interface GivenFile {
  /** With its folders, as `src/main.c`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface Imported {
  readonly project: Project;
  /** What was done, a sentence for each. */
  readonly done: readonly string[];
  /** What could not be, and why. */
  readonly refused: readonly string[];
  /** It is another workbench, which was saved, not this one with other files. */
  readonly whole?: true;
}

export const mostFileBytes = 64 * 2 ** 20;
const mostTextBytes = 1_000_000;

const startsWith = (bytes: Uint8Array, signature: readonly number[]): boolean =>
  signature.every((byte, index) => bytes[index] === byte);

const isElf = (bytes: Uint8Array): boolean => startsWith(bytes, [0x7f, 0x45, 0x4c, 0x46]);
/** Linux's header has "RSC\x05" here. Documentation/arch/riscv/boot-image-header.rst */
const isLinuxImage = (bytes: Uint8Array): boolean => startsWith(bytes.subarray(56), [0x52, 0x53, 0x43, 0x05]);

/** Undefined for what is not text. */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.length > mostTextBytes || bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** What lies in one folder, lies at the top: the folder's own name says nothing. */
function withoutFolder(files: readonly GivenFile[]): readonly GivenFile[] {
  const folders = new Set(files.map(({ path }) => (path.includes('/') ? path.slice(0, path.indexOf('/') + 1) : '')));
  const [only = ''] = folders;
  return folders.size === 1 ? files.map(({ path, bytes }) => ({ path: path.slice(only.length), bytes })) : files;
}

const isHidden = ({ path }: GivenFile): boolean => path.split('/').some((part) => part.startsWith('.'));

/** `folder`: a whole program is brought, in place of the one that is there. */
export function importFiles(project: Project, given: readonly GivenFile[], folder: boolean): Imported {
  const files = withoutFolder(given).filter((each) => !isHidden(each));
  const [only] = files;
  const whole = only === undefined || files.length > 1 ? undefined : wholeProject(only);
  if (whole !== undefined) return 'project' in whole ? whole : { project, done: [], refused: [whole.message] };
  if (files.length === 0) return { project, done: [], refused: ['There is no file in it.'] };
  const start = folder
    ? { ...project, files: [], attachments: [], kernel: undefined, breakpoints: [], watchpoints: [] }
    : project;
  const result = files.reduce(importOne, { project: start, done: [], refused: [] } as Imported);
  const nothing = result.done.length === 0;
  return nothing ? { ...result, project } : result;
}

/** A workbench that was saved; or why it cannot be read, if that is what it is meant to be. */
function wholeProject({ path, bytes }: GivenFile): Imported | { readonly message: string } | undefined {
  if (!path.endsWith('.json')) return undefined;
  const text = new TextDecoder().decode(bytes);
  const read = readProject(text);
  if (read.ok) return { project: read.project, done: [`Opened ${path}.`], refused: [], whole: true };
  return text.includes(projectFormat) ? { message: `${path} cannot be opened. ${read.message}` } : undefined;
}

function importOne(all: Imported, { path, bytes }: GivenFile): Imported {
  const refuse = (why: string): Imported => ({ ...all, refused: [...all.refused, `${path}: ${why}`] });
  if (!isFileName(path))
    return refuse('rename it: a file’s name here is of the letters a to z, digits, and . _ - + only.');
  if (bytes.length > mostFileBytes) return refuse(`it has more than ${mostFileBytes / 2 ** 20} MiB.`);
  const { project } = all;
  const held = [...project.files, ...project.attachments];
  if (held.length >= mostFiles && !held.some(({ name }) => name === path)) {
    return refuse(`a workbench holds at most ${mostFiles} files.`);
  }
  const done = (next: Project, what: string): Imported => ({ ...all, project: next, done: [...all.done, what] });
  if (isElf(bytes)) {
    const read = payloadOf(path, bytes);
    if (!read.ok) return refuse(read.message.replace(`${path}: `, ''));
    return done({ ...attach(project, { name: path, bytes }), kernel: path }, `${path} is what the machine boots now.`);
  }
  if (isLinuxImage(bytes)) {
    const machine = { ...project.machine, boot: 'firmware' } as const;
    const next = { ...attach(project, { name: path, bytes }), kernel: path, machine };
    return done(next, `${path} is a Linux kernel; the machine boots it with firmware now.`);
  }
  const text = textOf(bytes);
  const foreign = foreignRefusal(path, bytes, text);
  if (foreign !== undefined) return refuse(foreign);
  if (text !== undefined) {
    const known = project.files.some(({ name }) => name === path);
    return done(putFile(project, { name: path, text }), known ? `Replaced ${path}.` : `Added ${path}.`);
  }
  const disk = { size: 0, file: path };
  const next = attach(project, { name: path, bytes });
  return done({ ...next, machine: { ...next.machine, disk } }, `${path} is the machine’s disk now.`);
}

function attach(project: Project, attachment: Attachment): Project {
  const others = project.attachments.filter(({ name }) => name !== attachment.name);
  const files = project.files.filter(({ name }) => name !== attachment.name);
  return { ...project, files, attachments: [...others, attachment] };
}
