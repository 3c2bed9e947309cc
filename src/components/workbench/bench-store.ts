/**
 * A work of the workbench between visits. Texts are kept at once, as text; attachments may be large and go into a
 * database of the browser's, which answers later. Storage may be refused (private windows, frames): then nothing is
 * kept. Another tab may have the same work open: what it kept is not written over unread.
 */
import type { Attachment } from '../../labs/lesson.ts';
import { type Project, readProject, writeProject } from '../../labs/project.ts';
import { keep, readKept } from '../kept.ts';
import { attachmentsKey, forgetWork, textKey } from './kept-works.ts';

const databaseName = 'guesthouse';
const storeName = 'attachments';

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(databaseName, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(storeName);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

async function ask<T>(mode: IDBTransactionMode, question: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await openDatabase();
  try {
    return await new Promise((resolve, reject) => {
      const asked = question(database.transaction(storeName, mode).objectStore(storeName));
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  } finally {
    database.close();
  }
}

export type KeptProject =
  /** `whole`: with what is attached, as far as that was kept. */
  | { readonly ok: true; readonly project: Project; readonly whole: boolean }
  | { readonly ok: false; readonly message: string };

/** `elsewhere`: another tab has kept something else since this one looked. */
export type Keeping = 'kept' | 'refused' | 'elsewhere';

export class BenchStore {
  readonly id: string;
  /** What this tab has read or written last. */
  private seen: string | null = null;
  private keptAttachments: readonly Attachment[] = [];

  constructor(id: string) {
    this.id = id;
  }

  /** Undefined if nothing was kept. */
  async read(): Promise<KeptProject | undefined> {
    this.seen = readKept(textKey(this.id));
    if (this.seen === null) return undefined;
    const read = readProject(this.seen);
    if (!read.ok) return read;
    let whole = true;
    try {
      const key = attachmentsKey(this.id);
      this.keptAttachments =
        (await ask<readonly Attachment[] | undefined>('readonly', (store) => store.get(key))) ?? [];
    } catch {
      this.keptAttachments = [];
      whole = false;
    }
    return { ok: true, project: { ...read.project, attachments: this.keptAttachments }, whole };
  }

  /** Whether another tab has kept something else. One that has forgotten it takes nothing away from what is here. */
  get isBehind(): boolean {
    const now = readKept(textKey(this.id));
    return now !== null && now !== this.seen;
  }

  keepTexts(project: Project): Keeping {
    if (this.isBehind) return 'elsewhere';
    const text = writeProject({ ...project, attachments: [] });
    if (!keep(textKey(this.id), text)) return 'refused';
    this.seen = text;
    return 'kept';
  }

  /** False if the browser did not keep it. */
  async keepAttachments({ attachments }: Project): Promise<boolean> {
    if (attachments === this.keptAttachments) return true;
    this.keptAttachments = attachments;
    try {
      const plain = attachments.map(({ name, bytes }) => ({ name, bytes }));
      await ask('readwrite', (store) => store.put(plain, attachmentsKey(this.id)));
      return true;
    } catch {
      return attachments.length === 0;
    }
  }

  async forget(): Promise<void> {
    forgetWork(this.id);
    this.seen = null;
    this.keptAttachments = [];
    try {
      await ask('readwrite', (store) => store.delete(attachmentsKey(this.id)));
    } catch {
      // Nothing was kept there.
    }
  }
}
