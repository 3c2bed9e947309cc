/** `switch`, `case` and `default` (C11 §6.8.4.2). */
import type { Expression, Statement } from '../parse/syntax.ts';
import { promote } from '../types/conversions.ts';
import { quoteType } from '../types/show.ts';
import { type CType, intType, isInteger } from '../types/types.ts';
import { type Checker, fail, isBroken } from './checker.ts';
import { integerConstant, wrapTo } from './constant.ts';
import { decay, promoted } from './convert.ts';
import { check } from './expressions.ts';
import { checkStatement, newLabel } from './statements.ts';
import type { SwitchCase, TypedStatement } from './tree.ts';

type Of<K extends Statement['kind']> = Statement & { readonly kind: K };

export function checkSwitch(checker: Checker, node: Of<'switch'>): TypedStatement {
  const given = decay(check(checker, node.value));
  const value = isInteger(given.type) ? promoted(given) : given;
  const { current } = checker;
  if (!isInteger(value.type) && !isBroken(value)) {
    fail(checker, node.value.at, `\`switch\` needs an integer, not ${quoteType(value.type)}`);
  }
  const breakTo = newLabel('break');
  const type: CType = isInteger(value.type) ? promote(value.type) : intType;
  const context: NonNullable<typeof current>['switches'][number] = { type, cases: [], fallback: undefined };
  current?.breaks.push({ label: breakTo, depth: current.blocks.length });
  current?.switches.push(context);
  const body = checkStatement(checker, node.body);
  current?.breaks.pop();
  current?.switches.pop();
  return { kind: 'switch', value, cases: context.cases, fallback: context.fallback, body, breakTo, at: node.at };
}

function caseValue(checker: Checker, node: Expression, type: CType): bigint | undefined {
  const value = decay(check(checker, node));
  const known = integerConstant(value);
  if (known !== undefined) return wrapTo(known, type);
  if (!isBroken(value)) {
    const hint = 'use `if` for values that are known only when the program runs';
    checker.reporter.error(node.at, 'the value of a `case` must be a constant', hint);
  }
  return undefined;
}

export function checkCase(checker: Checker, node: Of<'case'>): TypedStatement {
  const context = checker.current?.switches.at(-1);
  if (context === undefined) {
    fail(checker, node.at, '`case` stands outside of any `switch`');
    return checkStatement(checker, node.body);
  }
  const label = newLabel('case');
  const first = caseValue(checker, node.value, context.type);
  const last = node.last === undefined ? first : caseValue(checker, node.last, context.type);
  if (first !== undefined && last !== undefined) addCase(checker, node, context.cases, { first, last, label });
  return { kind: 'label', label, body: checkStatement(checker, node.body), at: node.at };
}

function addCase({ reporter }: Checker, node: Of<'case'>, cases: SwitchCase[], added: SwitchCase): void {
  if (added.first > added.last) {
    reporter.warn(node.at, 'this range of cases is empty', 'write the smaller number first');
    return;
  }
  const twice = cases.some(({ first, last }) => first <= added.last && added.first <= last);
  if (twice) reporter.error(node.at, `there is already a \`case ${added.first}\` in this \`switch\``);
  cases.push(added);
}

export function checkDefault(checker: Checker, node: Of<'default'>): TypedStatement {
  const context = checker.current?.switches.at(-1);
  const label = newLabel('default');
  if (context === undefined) fail(checker, node.at, '`default` stands outside of any `switch`');
  else if (context.fallback !== undefined) fail(checker, node.at, 'there is already a `default` in this `switch`');
  else context.fallback = label;
  return { kind: 'label', label, body: checkStatement(checker, node.body), at: node.at };
}
