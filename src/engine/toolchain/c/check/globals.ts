/** Functions and objects with static storage: one entry for all their declarations (C11 §6.2.2). */
import type { Span } from '../../diagnostics.ts';
import { compatible, composite } from '../types/conversions.ts';
import { quoteType } from '../types/show.ts';
import type { CType } from '../types/types.ts';
import { type Checker, describePlace } from './checker.ts';
import type { Global, Linkage } from './tree.ts';

export function newGlobal(checker: Checker, name: string, type: CType, at: Span): Global {
  const known = checker.globals.get(name);
  if (known !== undefined) return known;
  const global = createGlobal(name, name, type, 'global', at);
  checker.globals.set(name, global);
  return global;
}

const createGlobal = (symbol: string, name: string, type: CType, linkage: Linkage, at: Span): Global => ({
  symbol,
  name,
  type,
  at,
  linkage,
  defined: false,
  section: undefined,
  alignment: 1,
  used: false,
  kept: false,
  optional: false,
  noreturn: false,
  hidden: false,
  alias: undefined,
  array: undefined,
  register: undefined,
  mustUse: false,
  format: undefined,
});

/** A static object of a function, or one without a name: its symbol is its own. */
export function privateGlobal(checker: Checker, name: string, type: CType, at: Span): Global {
  const symbol = `${name}.${checker.counter++}`;
  const global = createGlobal(symbol, name, type, 'local', at);
  checker.globals.set(symbol, global);
  return global;
}

/** A declaration of a name that has linkage; types of several declarations are put together. */
export function declareGlobal(checker: Checker, name: string, type: CType, linkage: Linkage, at: Span): Global {
  const known = checker.globals.get(name);
  if (known === undefined) {
    const global = createGlobal(name, name, type, linkage, at);
    checker.globals.set(name, global);
    return global;
  }
  if (!compatible(known.type, type)) {
    const was = `${quoteType(known.type)} at ${describePlace(known.at)}`;
    checker.reporter.error(at, `\`${name}\` is declared as ${quoteType(type)} here, and as ${was}`);
    return known;
  }
  if (linkage === 'local' && known.linkage !== 'local') {
    checker.reporter.error(at, `\`${name}\` is \`static\` here, and was not at ${describePlace(known.at)}`);
  }
  known.type = composite(known.type, type);
  return known;
}
