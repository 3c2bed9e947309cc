/** Work without a lesson: files, what is attached, and the machine they run on; as data, and as one file. */
import type { Bookmark } from './bookmarks.ts';
import type { FirmwareTexts } from './firmware.ts';
import type { LibraryTexts } from './guest-library.ts';
import type { Attachment, Lesson } from './lesson.ts';
import { defaultMachine, type MachineSettings, machineSchema, settingsOf, writeSettings } from './machine-settings.ts';
import * as z from './schema.ts';
import type { Texts } from './session.ts';
import type { Stops } from './stops.ts';
import { bookmarksSchema, breakpointsSchema, watchpointsSchema } from './work-store.ts';

export interface ProjectFile {
  readonly name: string;
  readonly text: string;
}

export interface Project extends Stops {
  readonly title: string;
  /** In the order in which they are built and their tabs shown. */
  readonly files: readonly ProjectFile[];
  readonly attachments: readonly Attachment[];
  readonly machine: MachineSettings;
  /** An attachment that is booted in place of what the files build. */
  readonly kernel: string | undefined;
  /** An attachment that the kernel finds in memory as its initial RAM disk. */
  readonly initrd: string | undefined;
  /** The kernel's command line. */
  readonly append: string;
  /** Views that it opens with. */
  readonly views: readonly string[];
  readonly open: string;
  readonly bookmarks: readonly Bookmark[];
}

export const projectFormat = 'guesthouse-bench';
const formatVersion = 1;
export const projectSlug = 'bench';
const projectRun = 'main';
export const projectBench = 'bench';
export const mostFiles = 200;
const mostCharacters = 4_000_000;
const mostNameLength = 100;
/** Linux takes 1024 characters, and drops the rest. */
export const mostCommandLine = 1024;

const fileName = /^[\w+-][\w.+-]*(\/[\w+-][\w.+-]*)*$/;
const name = z.string().check(z.maxLength(mostNameLength), z.regex(fileName, 'not a name that a file may have'));
const text = z.string().check(z.maxLength(mostCharacters));

const schema = z.object({
  format: z.literal(projectFormat),
  version: z.literal(formatVersion),
  title: z._default(z.string().check(z.maxLength(200)), ''),
  files: z.array(z.object({ name, text })).check(z.maxLength(mostFiles)),
  attachments: z._default(z.array(z.object({ name, base64: z.base64() })).check(z.maxLength(mostFiles)), []),
  machine: machineSchema,
  kernel: z.optional(z.string()),
  initrd: z.optional(z.string()),
  append: z._default(z.string().check(z.maxLength(mostCommandLine)), ''),
  views: z._default(z.array(z.string()), []),
  open: z._default(z.string(), ''),
  breakpoints: z._default(breakpointsSchema, []),
  watchpoints: z._default(watchpointsSchema, []),
  bookmarks: z._default(bookmarksSchema, []),
});

export const emptyProject: Project = {
  title: '',
  files: [{ name: 'main.S', text: '\t.globl\t_start\n_start:\n' }],
  attachments: [],
  machine: defaultMachine,
  kernel: undefined,
  initrd: undefined,
  append: '',
  views: ['registers'],
  open: 'main.S',
  breakpoints: [],
  watchpoints: [],
  bookmarks: [],
};

export function writeProject(project: Project): string {
  const { machine, attachments, kernel, initrd, append, ...rest } = project;
  const written: z.input<typeof schema> = {
    format: projectFormat,
    version: formatVersion,
    ...rest,
    files: [...rest.files],
    views: [...rest.views],
    breakpoints: [...rest.breakpoints],
    watchpoints: [...rest.watchpoints],
    bookmarks: [...rest.bookmarks],
    machine: writeSettings(machine),
    ...(kernel !== undefined && { kernel }),
    ...(initrd !== undefined && { initrd }),
    ...(append !== '' && { append }),
    attachments: attachments.map(({ name, bytes }) => ({ name, base64: toBase64(bytes) })),
  };
  return `${JSON.stringify(written, undefined, 2)}\n`;
}

export type ReadProject =
  | { readonly ok: true; readonly project: Project }
  | { readonly ok: false; readonly message: string };

const refuse = (message: string): ReadProject => ({ ok: false, message });

/** Says what is wrong with a text that is no project. */
export function readProject(text: string): ReadProject {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return refuse('It is not JSON: it may have been cut short.');
  }
  const { format, version } = (typeof data === 'object' && data !== null ? data : {}) as Record<string, unknown>;
  if (format !== projectFormat) return refuse('This JSON is not a workbench of Guesthouse.');
  if (version !== formatVersion) {
    return refuse(`It is of format version ${String(version)}; this Guesthouse reads version ${formatVersion}.`);
  }
  const parsed = schema.safeParse(data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse(`It is damaged: \`${issue?.path.join('.') ?? ''}\`: ${issue?.message ?? 'unreadable'}.`);
  }
  return projectOf(parsed.data);
}

function projectOf(read: z.output<typeof schema>): ReadProject {
  const { title, files, machine, kernel, initrd, append, views, open, breakpoints, watchpoints, bookmarks } = read;
  const names = [...files, ...read.attachments].map((each) => each.name);
  const twice = names.find((each, index) => names.indexOf(each) !== index);
  if (twice !== undefined) return refuse(`It is damaged: there are two files \`${twice}\`.`);
  const attachments = read.attachments.map((each) => ({ name: each.name, bytes: fromBase64(each.base64) }));
  const booted = { machine: settingsOf(machine), kernel, initrd, append };
  const marks = { breakpoints, watchpoints, bookmarks };
  const project = { title, files, attachments, ...booted, views, ...marks };
  return { ok: true, project: { ...project, open: openable(files, open) } };
}

const openable = (files: readonly ProjectFile[], open: string): string =>
  files.some((each) => each.name === open) ? open : (files[0]?.name ?? '');

function toBase64(bytes: Uint8Array): string {
  let text = '';
  const chunk = 0x8000;
  for (let at = 0; at < bytes.length; at += chunk) text += String.fromCharCode(...bytes.subarray(at, at + chunk));
  return btoa(text);
}

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));

/** What stands beside a project's own files. */
export interface GuestTexts {
  readonly firmware: FirmwareTexts;
  /** Gives what the files do not define. */
  readonly library: LibraryTexts;
}

/** The project as a lesson without prose, questions and checks: what a lab takes. */
export function lessonOf(project: Project, { firmware, library }: GuestTexts): Lesson {
  const { title, files, attachments, machine, kernel, initrd, append, views, open } = project;
  const bench = {
    kind: 'bench',
    line: 1,
    id: projectBench,
    run: projectRun,
    open,
    views,
    after: undefined,
    until: undefined,
  } as const;
  return {
    slug: projectSlug,
    title,
    summary: '',
    version: formatVersion,
    minutes: 0,
    machine,
    ...(machine.boot === 'firmware' && { firmware }),
    files: files.map((each) => ({ ...each, mode: 'edit' })),
    attachments,
    library,
    ...(kernel !== undefined && { kernel, append }),
    ...(kernel !== undefined && initrd !== undefined && { initrd }),
    runs: [{ name: projectRun, budget: Number.MAX_SAFE_INTEGER, define: {} }],
    checks: [],
    wrong: [],
    cells: [bench],
    measures: [],
  };
}

/** Why a file cannot be called this; undefined if it can. `instead`: the name that it has now. */
export function nameRefusal(project: Project, wanted: string, instead?: string): string | undefined {
  if (wanted === '') return 'Write a name, for example main.S.';
  if (wanted.length > mostNameLength || !fileName.test(wanted)) {
    return 'Letters, digits, and . _ - + only; / for a folder.';
  }
  const taken = [...project.files, ...project.attachments].some((each) => each.name === wanted && wanted !== instead);
  return taken ? `There is a ${wanted} already.` : undefined;
}

export const isFileName = (wanted: string): boolean => wanted.length <= mostNameLength && fileName.test(wanted);

export const withTexts = (project: Project, texts: Texts): Project => ({
  ...project,
  files: project.files.map(({ name, text }) => ({ name, text: texts[name] ?? text })),
});

/** In the place of one with the same name, where there is one. */
export function putFile(project: Project, file: ProjectFile): Project {
  const known = project.files.some((each) => each.name === file.name);
  const files = known ? project.files.map((each) => (each.name === file.name ? file : each)) : [...project.files, file];
  return { ...project, files, open: file.name };
}

export function renameFile(project: Project, from: string, to: string): Project {
  const renamed = <T extends string>(each: T): string => (each === from ? to : each);
  return {
    ...project,
    files: project.files.map((each) => ({ ...each, name: renamed(each.name) })),
    breakpoints: project.breakpoints.map((each) => ({ ...each, file: renamed(each.file) })),
    open: renamed(project.open),
  };
}

/** A text or an attachment; what named it, names nothing then. */
export function removeFile(project: Project, gone: string): Project {
  const files = project.files.filter((each) => each.name !== gone);
  const { disk } = project.machine;
  const blank = disk !== undefined && disk.size > 0 ? { ...disk, file: undefined } : undefined;
  return {
    ...project,
    files,
    attachments: project.attachments.filter((each) => each.name !== gone),
    kernel: project.kernel === gone ? undefined : project.kernel,
    initrd: project.initrd === gone ? undefined : project.initrd,
    machine: disk?.file === gone ? { ...project.machine, disk: blank } : project.machine,
    breakpoints: project.breakpoints.filter(({ file }) => file !== gone),
    open: openable(files, project.open),
  };
}
