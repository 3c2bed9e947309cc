/** Files that are chosen or dropped, read as bytes; folders with all that lies in them. */
import { type GivenFile, mostFileBytes } from '../../labs/import-files.ts';

export interface Given {
  readonly files: readonly GivenFile[];
  /** A folder was among them. */
  readonly folder: boolean;
}

const mostFiles = 500;

/** Of a file that is too large only so much is read that this can be told. */
const bytesOf = async (file: File): Promise<Uint8Array> =>
  new Uint8Array(await file.slice(0, mostFileBytes + 1).arrayBuffer());

export async function chosenFiles(list: FileList): Promise<Given> {
  // Taken before anything is waited for: the field is emptied meanwhile.
  const chosen = [...list].slice(0, mostFiles);
  const pathOf = (file: File): string => file.webkitRelativePath || file.name;
  const files = await Promise.all(chosen.map(async (file) => ({ path: pathOf(file), bytes: await bytesOf(file) })));
  const folder = chosen.some(({ webkitRelativePath }) => webkitRelativePath !== '');
  return { files: folder ? files.sort((a, b) => (a.path < b.path ? -1 : 1)) : files, folder };
}

/** The list of what was dropped is empty once the event is over: entries are taken before anything is waited for. */
export async function droppedFiles(transfer: DataTransfer): Promise<Given> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const files: GivenFile[] = [];
  for (const entry of entries) await collect(entry, files);
  return { files, folder: entries.some(({ isDirectory }) => isDirectory) };
}

async function collect(entry: FileSystemEntry, into: GivenFile[]): Promise<void> {
  if (into.length >= mostFiles) return;
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    into.push({ path: entry.fullPath.replace(/^\//, ''), bytes: await bytesOf(file) });
  } else if (isFolder(entry)) {
    for (const inner of await entriesIn(entry)) await collect(inner, into);
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

/** By name, whatever order the file system has. A reader gives some at a time, and none when there are no more. */
async function entriesIn(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all.sort((a, b) => (a.name < b.name ? -1 : 1));
    all.push(...some);
  }
}
