/** Initializers of static objects: every value must be known before the program runs (C11 §6.7.9 ¶4). */
import type { Checker } from './checker.ts';
import { evaluate } from './constant.ts';
import type { Init, InitItem, Typed } from './tree.ts';

/** A compound literal as a whole value: its items take its place. */
function spread(item: InitItem): readonly InitItem[] {
  if (item.value.kind !== 'literal') return [item];
  return item.value.init.items.flatMap((inner) => spread({ ...inner, offset: inner.offset + item.offset }));
}

const isKnown = (value: Typed): boolean => value.kind === 'string' || evaluate(value) !== undefined;

/** Reports values that are not constant, and leaves them out. */
export function staticInit({ reporter, objects }: Checker, init: Init): Init {
  const items = init.items.flatMap(spread).flatMap((item) => {
    // A static literal of the file is an object of its own; what it holds is known.
    if (item.value.kind === 'global') {
      const inner = objects.get(item.value.global)?.init;
      if (inner !== undefined && item.value.global.linkage === 'local' && item.value.global.symbol.startsWith('.L')) {
        return inner.items.map((each) => ({ ...each, offset: each.offset + item.offset }));
      }
    }
    return [item];
  });
  const known = items.filter(({ value }) => {
    if (isKnown(value)) return true;
    const hint = 'assign it where the program runs, for example at the beginning of `main`';
    reporter.error(value.at, 'the value of a static variable must be known before the program runs', hint);
    return false;
  });
  return { ...init, items: known };
}
