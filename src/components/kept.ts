/** What the browser keeps between visits. Storage may be refused (private windows, frames): then nothing is kept. */

export const workKey = (slug: string): string => `guesthouse:work:${slug}`;
/** How the bench of a page is arranged; `room` says how much of the window it has. */
export const panesKey = (bench: string, room: string): string => `guesthouse:panes:${bench}:${room}`;
export const benchKey = 'guesthouse:bench';
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

/** Whether the kept work of a lesson has once passed all checks. */
export function isDone(slug: string): boolean {
  try {
    return (JSON.parse(readKept(workKey(slug)) ?? '{}') as { done?: unknown }).done === true;
  } catch {
    return false;
  }
}
