/** What the browser keeps between visits. Storage may be refused (private windows, frames): then nothing is kept. */

export const workKey = (slug: string): string => `guesthouse:work:${slug}`;
export const studentKey = 'guesthouse:student';
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
