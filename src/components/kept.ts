/** What the browser keeps between visits. Storage may be refused (private windows, frames): then nothing is kept. */

export const workKey = (slug: string): string => `guesthouse:work:${slug}`;
/** How the bench of a page is arranged; `room` says how much of the window it has. */
export const panesKey = (bench: string, room: string): string => `guesthouse:panes:${bench}:${room}`;
/** The workbench's first work; others have an id behind it. */
export const benchKey = 'guesthouse:bench';
export const openWorkKey = 'guesthouse:open-work';
export const studentKey = 'guesthouse:student';
/** There: the program's text is shown without Monaco. */
export const plainKey = 'guesthouse:plain-text';
export const themeKey = 'guesthouse:theme';

export function readKept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** False if the browser did not keep it. */
export function keep(key: string, value: string): boolean {
  try {
    localStorage.setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}

/** Names of all that is kept. */
export function keptKeys(): readonly string[] {
  try {
    return Object.keys(localStorage);
  } catch {
    return [];
  }
}

/** What this tab keeps for itself, until it is closed. */
export function readOfTab(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

export function keepOfTab(key: string, value: string): void {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // The next visit begins with another work, then.
  }
}

/** Whether the kept work of a lesson has once passed all checks. */
export function isDone(slug: string): boolean {
  try {
    return (JSON.parse(readKept(workKey(slug)) ?? '{}') as { done?: unknown }).done === true;
  } catch {
    return false;
  }
}
