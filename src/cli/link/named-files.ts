/** What a file of assembly takes in, found beside it. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readBytes } from '../run/guest-files.ts';

export interface NamedFiles {
  readonly texts: ReadonlyMap<string, string>;
  readonly binaries: ReadonlyMap<string, Uint8Array>;
}

/** Files that the text names with `.include` and `.incbin`, beside it; those that are not there the assembler misses. */
export function namedFiles(path: string, text: string): NamedFiles {
  const texts = new Map<string, string>([[path, text]]);
  const binaries = new Map<string, Uint8Array>();
  const queue = [text];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const [, directive, name = ''] of next.matchAll(/\.(include|incbin)\s+"([^"\n]+)"/g)) {
      const beside = join(dirname(path), name);
      if (texts.has(name) || binaries.has(name) || !existsSync(beside)) continue;
      const bytes = readBytes('assembler', beside);
      if (directive === 'incbin') binaries.set(name, bytes);
      else {
        const included = new TextDecoder().decode(bytes);
        texts.set(name.replace(/^\.\//, ''), included);
        queue.push(included);
      }
    }
  }
  return { texts, binaries };
}
