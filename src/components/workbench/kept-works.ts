/** The works that this browser keeps for the workbench, each under an id, and which of them a tab has open. */
import { benchKey, forget, keep, keepOfTab, keptKeys, openWorkKey, readKept, readOfTab } from '../kept.ts';

export interface KeptWork {
  readonly id: string;
  readonly title: string;
  readonly files: number;
}

const firstId = 'bench';
const prefix = `${benchKey}:`;

export const textKey = (id: string): string => (id === firstId ? benchKey : prefix + id);
export const attachmentsKey = (id: string): string => (id === firstId ? firstId : `${firstId}:${id}`);
export const newId = (): string => Date.now().toString(36) + Math.floor(Math.random() * 36 ** 3).toString(36);

/** Undefined for a key of something else. */
export function idOf(key: string): string | undefined {
  if (key === benchKey) return firstId;
  return key.startsWith(prefix) ? key.slice(prefix.length) : undefined;
}

/** By title. Texts that cannot be read are listed as well: they are somebody's work. */
export function keptWorks(): KeptWork[] {
  const works = keptKeys().flatMap((key) => {
    const id = idOf(key);
    return id === undefined ? [] : [{ id, ...headOf(readKept(key) ?? '') }];
  });
  return works.sort((a, b) => a.title.localeCompare(b.title) || (a.id < b.id ? -1 : 1));
}

function headOf(text: string): Omit<KeptWork, 'id'> {
  try {
    const { title, files } = JSON.parse(text) as { title?: unknown; files?: unknown };
    const named = typeof title === 'string' && title !== '';
    return { title: named ? title : 'Untitled work', files: Array.isArray(files) ? files.length : 0 };
  } catch {
    return { title: 'A work that cannot be read', files: 0 };
  }
}

/** The one that this tab had open, or else that was opened last in any. */
export const openWork = (): string => readOfTab(openWorkKey) ?? readKept(openWorkKey) ?? firstId;

export function rememberOpen(id: string): void {
  keepOfTab(openWorkKey, id);
  keep(openWorkKey, id);
}

export const forgetWork = (id: string): void => forget(textKey(id));
