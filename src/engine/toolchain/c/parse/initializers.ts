/** Initializers and their designators (C11 §6.7.9). */
import { assignment, conditional } from './expressions.ts';
import { accept, expect, expectName, nested, next, peek, type Reader, sees } from './reader.ts';
import type { Designator, Initializer, InitializerItem } from './syntax.ts';

/** `.member` and `[index]`, any number of them. */
export function designators(reader: Reader): Designator[] {
  const path: Designator[] = [];
  for (;;) {
    const { at } = peek(reader);
    if (accept(reader, '.')) {
      const name = expectName(reader, 'the name of a member');
      path.push({ kind: 'member', name: name.text, at: name.at });
    } else if (accept(reader, '[')) {
      const index = conditional(reader);
      const last = accept(reader, '...') ? conditional(reader) : undefined;
      expect(reader, ']');
      path.push({ kind: 'index', index, last, at });
    } else return path;
  }
}

/** The old GNU form `member: value`. */
function oldDesignator(reader: Reader): Designator[] {
  if (peek(reader).kind !== 'name' || peek(reader, 1).text !== ':') return [];
  const name = next(reader);
  next(reader);
  return [{ kind: 'member', name: name.text, at: name.at }];
}

function item(reader: Reader): InitializerItem {
  const path = designators(reader);
  if (path.length > 0) accept(reader, '=');
  const all = path.length > 0 ? path : oldDesignator(reader);
  return { designators: all, value: initializer(reader) };
}

export function initializer(reader: Reader): Initializer {
  const { at } = peek(reader);
  if (!sees(reader, '{')) {
    const value = assignment(reader);
    return { kind: 'value', value, at: value.at };
  }
  return nested(reader, () => {
    next(reader);
    const items: InitializerItem[] = [];
    while (!sees(reader, '}')) {
      items.push(item(reader));
      if (!accept(reader, ',')) break;
    }
    expect(reader, '}');
    return { kind: 'list', items, at };
  });
}
