/** Light or dark: the system's choice until the reader makes another one. */
import { forget, keep, themeKey } from './kept.ts';

export type Theme = 'light' | 'dark';

const systemQuery = '(prefers-color-scheme: dark)';

const systemTheme = (): Theme => (matchMedia(systemQuery).matches ? 'dark' : 'light');

export const currentTheme = (): Theme => (document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light');

/** A choice that agrees with the system is no choice: the page follows the system again. */
export function chooseTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  if (theme === systemTheme()) forget(themeKey);
  else keep(themeKey, theme);
}

/** Calls back whenever the page's theme has changed, by whomever; gives the way to stop it. */
export function onThemeChange(callback: () => void): () => void {
  const observer = new MutationObserver(callback);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}
