/** `__attribute__((…))` (GCC manual, "Attribute Syntax"). */
import { assignment } from './expressions.ts';
import { accept, expect, next, peek, type Reader, sees, unexpected } from './reader.ts';
import type { Attribute, Expression } from './syntax.ts';

export const attributeWords: ReadonlySet<string> = new Set(['__attribute__', '__attribute']);

/** Whether attributes stand here for a statement of their own: `__attribute__((fallthrough));`. */
export function isAttributeStatement(reader: Reader): boolean {
  if (!attributeWords.has(peek(reader).text)) return false;
  for (let ahead = 1, depth = 0; ; ahead++) {
    const { text, kind } = peek(reader, ahead);
    if (kind === 'end') return false;
    if (text === '(') depth++;
    if (text === ')' && --depth === 0) return peek(reader, ahead + 1).text === ';';
  }
}

/** `__attribute__((a, b(1)))`, any number of them. */
export function attributes(reader: Reader): Attribute[] {
  const list: Attribute[] = [];
  while (attributeWords.has(peek(reader).text)) {
    next(reader);
    expect(reader, '(');
    expect(reader, '(');
    while (!sees(reader, ')')) {
      if (accept(reader, ',')) continue;
      const word = next(reader);
      if (word.kind !== 'name') throw unexpected(reader, 'the name of an attribute');
      const args: Expression[] = [];
      if (accept(reader, '(')) {
        while (!sees(reader, ')')) {
          args.push(assignment(reader));
          if (!accept(reader, ',')) break;
        }
        expect(reader, ')');
      }
      list.push({ name: word.text.replace(/^__(.*)__$/, '$1'), args, at: word.at });
    }
    expect(reader, ')');
    expect(reader, ')');
  }
  return list;
}
