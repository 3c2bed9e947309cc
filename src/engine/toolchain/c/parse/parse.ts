/** Tokens → syntax tree. */
import type { Reporter } from '../../diagnostics.ts';
import type { Token } from '../preprocess/tokens.ts';
import { translationUnit } from './declarations.ts';
import type { Reader } from './reader.ts';
import type { External } from './syntax.ts';

export function parse(tokens: readonly Token[], reporter: Reporter): readonly External[] {
  const reader: Reader = { tokens, reporter, index: 0, scopes: [new Map()], depth: 0 };
  return translationUnit(reader);
}
