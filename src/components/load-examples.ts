/** The examples of the workbench, read while the site is built. */
import { type Example, readExample } from '../labs/examples.ts';

const texts = import.meta.glob<string>('/content/examples/*/*', { query: '?raw', import: 'default', eager: true });

export function loadExamples(): Example[] {
  const folders = new Map<string, Record<string, string>>();
  for (const [path, text] of Object.entries(texts)) {
    const [file = '', name = ''] = path.split('/').reverse();
    const folder = folders.get(name) ?? {};
    folders.set(name, { ...folder, [file]: text });
  }
  // The tenth comes behind the ninth, not behind the first.
  const inOrder = [...folders].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  return inOrder.map(([name, folder]) => readExample(name, folder));
}
