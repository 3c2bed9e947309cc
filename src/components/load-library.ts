/** The guest library's texts, read while the site is built. */
import type { LibraryTexts } from '../labs/guest-library.ts';

const texts = import.meta.glob<string>('/content/guests/rt/*.{c,h,S,ld}', {
  query: '?raw',
  import: 'default',
  eager: true,
});

export const loadLibrary = (): LibraryTexts =>
  Object.fromEntries(Object.entries(texts).map(([path, text]) => [path.slice(path.lastIndexOf('/') + 1), text]));
