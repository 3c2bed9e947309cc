/** Expressions as values: checked, arrays and functions as pointers. */
import type { Expression } from '../parse/syntax.ts';
import type { Checker } from './checker.ts';
import { decay } from './convert.ts';
import { check } from './expressions.ts';
import type { Typed } from './tree.ts';

export const rvalue = (checker: Checker, expression: Expression): Typed => decay(check(checker, expression));
