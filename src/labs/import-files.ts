/** Files that somebody brings to a workbench: texts join its files; of the others each has a part in the machine, or none. */
import { type GivenFile, type RatedFile, type Role, rated } from './file-roles.ts';
import { sizeText } from './machine-settings.ts';
import { isFileName, mostFiles, type Project, projectFormat, putFile, readProject } from './project.ts';

export type { GivenFile } from './file-roles.ts';

export interface Imported {
  readonly project: Project;
  /** What was done, a sentence for each; what became of the machine comes first. */
  readonly done: readonly string[];
  /** What could not be, and why. */
  readonly refused: readonly string[];
  /** It is another workbench, which was saved, not this one with other files. */
  readonly whole?: true;
}

const diskRoot = 'root=/dev/vda rw';
export const mostFileBytes = 64 * 2 ** 20;
/** As much as QEMU's board has where nothing is said: kernels for it may count on that, as xv6 does. */
const usualRam = 128 * 2 ** 20;

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
    ? { ...project, files: [], attachments: [], kernel: undefined, breakpoints: [], watchpoints: [], bookmarks: [] }
    : project;
  const refusals = new Map(files.map((file) => [file, refusalOf(file)]));
  const usable = files.filter((file) => refusals.get(file) === undefined).map(rated);
  const useless = usable.flatMap(({ path, role }) => (role.kind === 'useless' ? [`${path}: ${role.why}`] : []));
  const { taken, left } = withinLimit(start, usable);
  const refused = [...files.flatMap((file) => refusals.get(file) ?? []), ...useless, ...left];
  const result = withTexts(withMachine({ project: start, done: [], refused }, taken), taken);
  return result.done.length === 0 ? { ...result, project } : result;
}

/** As many as a workbench can be opened with again; what the machine needs comes before texts. */
function withinLimit(
  { files, attachments }: Project,
  given: readonly RatedFile[],
): { readonly taken: readonly RatedFile[]; readonly left: readonly string[] } {
  const names = new Set([...files, ...attachments].map(({ name }) => name));
  const wanted = given.filter(({ role }) => role.kind !== 'useless');
  const inOrder = [...wanted].sort((a, b) => Number(a.role.kind === 'text') - Number(b.role.kind === 'text'));
  const taken = inOrder.filter(({ path }) => {
    if (names.size >= mostFiles && !names.has(path)) return false;
    names.add(path);
    return true;
  });
  const left = inOrder.filter((each) => !taken.includes(each));
  return { taken, left: left.map(({ path }) => `${path}: a workbench holds at most ${mostFiles} files.`) };
}

function refusalOf({ path, bytes }: GivenFile): string | undefined {
  if (!isFileName(path))
    return `${path}: rename it: a file’s name here is of the letters a to z, digits, and . _ - + only.`;
  return bytes.length > mostFileBytes ? `${path}: it has more than ${mostFileBytes / 2 ** 20} MiB.` : undefined;
}

/** A workbench that was saved; or why it cannot be read, if that is what it is meant to be. */
function wholeProject({ path, bytes }: GivenFile): Imported | { readonly message: string } | undefined {
  if (!path.endsWith('.json')) return undefined;
  const text = new TextDecoder().decode(bytes);
  const read = readProject(text);
  if (read.ok) return { project: read.project, done: [`Opened ${path}.`], refused: [], whole: true };
  return text.includes(projectFormat) ? { message: `${path} cannot be opened. ${read.message}` } : undefined;
}

function withTexts(all: Imported, files: readonly RatedFile[]): Imported {
  let { project } = all;
  const done = [...all.done];
  for (const { path, role } of files) {
    if (role.kind !== 'text') continue;
    done.push(project.files.some(({ name }) => name === path) ? `Replaced ${path}.` : `Added ${path}.`);
    project = putFile(project, { name: path, text: role.text });
  }
  return { ...all, project, done };
}

/** All but texts are attached. Of several that could have the same part, one gets it. */
function withMachine(all: Imported, files: readonly RatedFile[]): Imported {
  const parts = files.filter(({ role }) => role.kind !== 'text');
  const kernel = best(parts, 'kernel', ({ role }) => (role.kind === 'kernel' && role.fits ? 1 : 0));
  const disk = best(parts, 'disk', ({ bytes }) => bytes.length);
  const initrd = best(parts, 'initrd', () => 0);
  let next: Imported = { ...all, project: parts.reduce(attach, all.project) };
  if (kernel !== undefined) next = withKernel(next, kernel);
  if (disk !== undefined) next = withDisk(next, disk.path);
  if (initrd !== undefined) next = withInitrd(next, initrd.path);
  if (parts.length > 0) next = withRoot(next);
  const others = parts.filter((each) => each !== kernel && each !== disk && each !== initrd);
  return { ...next, done: [...next.done, ...others.map(({ path }) => `Attached ${path}.`)] };
}

/** The highest in rank; of equals the last one. */
function best(
  files: readonly RatedFile[],
  kind: Role['kind'],
  rank: (file: RatedFile) => number,
): RatedFile | undefined {
  const candidates = files.filter(({ role }) => role.kind === kind);
  const top = Math.max(...candidates.map(rank));
  return candidates.findLast((each) => rank(each) === top);
}

const changed = (all: Imported, change: Partial<Project>, ...what: readonly string[]): Imported => ({
  ...all,
  project: { ...all.project, ...change },
  done: [...all.done, ...what],
});

function withKernel(all: Imported, { path, role }: RatedFile): Imported {
  if (role.kind !== 'kernel') return all;
  const { machine } = all.project;
  const what = role.linux ? `${path} is a Linux kernel, and` : `${path} is`;
  const how = role.boot === 'firmware' ? ', under firmware' : '';
  const ram = Math.max(usualRam, machine.ram);
  const grown = ram > machine.ram ? [`It has ${sizeText(ram)} of RAM.`] : [];
  const change = { kernel: path, machine: { ...machine, boot: role.boot, ram } };
  return changed(all, change, `${what} what the machine boots now${how}.`, ...grown);
}

const withDisk = (all: Imported, file: string): Imported =>
  changed(all, { machine: { ...all.project.machine, disk: { size: 0, file } } }, `${file} is the machine’s disk now.`);

const withInitrd = (all: Imported, initrd: string): Imported =>
  changed(all, { initrd }, `${initrd} is the kernel’s initial RAM disk now.`);

/** Linux with a disk and nothing else to begin with is told to begin there: without that it panics. */
function withRoot(all: Imported): Imported {
  const { kernel, initrd, append, machine, attachments } = all.project;
  const found = attachments.find(({ name }) => name === kernel);
  const role = found && rated({ path: found.name, bytes: found.bytes }).role;
  const linux = role?.kind === 'kernel' && role.linux;
  if (!linux || initrd !== undefined || append !== '' || machine.disk === undefined) return all;
  return changed(all, { append: diskRoot }, `Its command line is ${diskRoot}.`);
}

function attach(project: Project, { path: name, bytes }: RatedFile): Project {
  const others = project.attachments.filter((each) => each.name !== name);
  const files = project.files.filter((each) => each.name !== name);
  return { ...project, files, attachments: [...others, { name, bytes }] };
}
