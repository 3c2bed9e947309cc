/**
 * The workbench between visits. Texts are kept at once, as text; attachments may be large and go into a database of the
 * browser's, which answers later. Storage may be refused (private windows, frames): then nothing is kept.
 */
import type { Attachment } from '../../labs/lesson.ts';
import { type Project, readProject, writeProject } from '../../labs/project.ts';
import { benchKey, keep, readKept } from '../kept.ts';

const databaseName = 'guesthouse';
const storeName = 'attachments';
const record = 'bench';

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

export class BenchStore {
  private keptAttachments: readonly Attachment[] = [];

  /** What was kept; undefined if there is nothing, a message if it cannot be read. */
  async read(): Promise<Project | string | undefined> {
    const text = readKept(benchKey);
    if (text === null) return undefined;
    const read = readProject(text);
    if (!read.ok) return read.message;
    try {
      const found = await ask<readonly Attachment[] | undefined>('readonly', (store) => store.get(record));
      this.keptAttachments = found ?? [];
    } catch {
      this.keptAttachments = [];
    }
    return { ...read.project, attachments: this.keptAttachments };
  }

  /** False if the browser did not keep the texts. */
  keepTexts(project: Project): boolean {
    return keep(benchKey, writeProject({ ...project, attachments: [] }));
  }

  /** False if the browser did not keep it. */
  async keepAttachments({ attachments }: Project): Promise<boolean> {
    if (attachments === this.keptAttachments) return true;
    this.keptAttachments = attachments;
    try {
      const plain = attachments.map(({ name, bytes }) => ({ name, bytes }));
      await ask('readwrite', (store) => store.put(plain, record));
      return true;
    } catch {
      return attachments.length === 0;
    }
  }
}
