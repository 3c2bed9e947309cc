/** Going on after a mistake: to the end of the statement or of the block around it. */
import { next, peek, type Reader, Unreadable } from './reader.ts';

/** Skips to what looks like the beginning of the next statement or declaration. */
function skip(reader: Reader, from: number): void {
  if (reader.index === from) next(reader);
  for (let depth = 0; peek(reader).kind !== 'end'; ) {
    const { text, first, at } = peek(reader);
    if (depth === 0 && text === '}') return;
    // A name in the first column begins a new declaration of the file, whatever is open.
    if (first && at.column === 1 && peek(reader).kind === 'name' && reader.scopes.length === 1) return;
    next(reader);
    if (text === '{') depth++;
    if (text === '}' && --depth === 0) return;
    if (text === ';' && depth === 0) return;
  }
}

/** Undefined after a mistake, which is reported. */
export function recover<T>(reader: Reader, rule: () => T): T | undefined {
  const from = reader.index;
  const { depth } = reader;
  const scopes = reader.scopes.length;
  try {
    return rule();
  } catch (thrown) {
    if (!(thrown instanceof Unreadable)) throw thrown;
    reader.reporter.error(thrown.at, thrown.message, thrown.hint);
    reader.depth = depth;
    reader.scopes.length = scopes;
    skip(reader, from);
    return undefined;
  }
}
