/** Statements (C11 §6.8): names resolved, jumps tied to labels. */
import { didYouMean } from '../../suggest.ts';
import type { Expression, Statement } from '../parse/syntax.ts';
import { quoteType } from '../types/show.ts';
import { unqualified, voidType } from '../types/types.ts';
import { checkAsm } from './asm.ts';
import { type Checker, type FunctionContext, fail, isBroken, type NamedLabel, scoped } from './checker.ts';
import { assignTo, decay, truthOf } from './convert.ts';
import { checkDeclaration } from './declarations.ts';
import { check } from './expressions.ts';
import { checkGotoValue } from './label-values.ts';
import { checkCase, checkDefault, checkSwitch } from './switch.ts';
import type { Label, Typed, TypedStatement } from './tree.ts';
import { type BlockMark, leavingBlocks, withStack } from './variable-length.ts';
import { warnCondition, warnUnusedValue } from './warnings.ts';

type Of<K extends Statement['kind']> = Statement & { readonly kind: K };

const empty = (at: Statement['at']): TypedStatement => ({ kind: 'compound', statements: [], at });
export const newLabel = (name: string): Label => ({ name, named: false });

function condition(checker: Checker, node: Expression): Typed {
  warnCondition(checker, node);
  return truthOf(checker, check(checker, node));
}

function warnEmptyBody({ reporter }: Checker, word: string, body: Statement, at: Statement['at']): void {
  if (body.kind !== 'empty' || body.at.line !== at.line) return;
  reporter.warn(body.at, `this \`;\` is all that the \`${word}\` is about`, 'take the `;` away, or write `{ }`');
}

function checkIf(checker: Checker, node: Of<'if'>): TypedStatement {
  const test = condition(checker, node.condition);
  warnEmptyBody(checker, 'if', node.whenTrue, node.at);
  const whenTrue = checkStatement(checker, node.whenTrue);
  const otherwise = node.otherwise === undefined ? undefined : checkStatement(checker, node.otherwise);
  return { kind: 'if', condition: test, whenTrue, otherwise, at: node.at };
}

interface LoopLabels {
  readonly breakTo: Label;
  readonly continueTo: Label;
  readonly body: TypedStatement;
}

function loopBody(checker: Checker, body: Statement): LoopLabels {
  const breakTo = newLabel('break');
  const continueTo = newLabel('continue');
  const depth = checker.current?.blocks.length ?? 0;
  checker.current?.breaks.push({ label: breakTo, depth });
  checker.current?.continues.push({ label: continueTo, depth });
  const checked = checkStatement(checker, body);
  checker.current?.breaks.pop();
  checker.current?.continues.pop();
  return { breakTo, continueTo, body: checked };
}

function checkWhile(checker: Checker, node: Of<'while'> | Of<'do'>): TypedStatement {
  const bodyFirst = node.kind === 'do';
  if (!bodyFirst) {
    const test = condition(checker, node.condition);
    return { kind: 'loop', condition: test, step: undefined, bodyFirst, ...loopBody(checker, node.body), at: node.at };
  }
  const labels = loopBody(checker, node.body);
  const test = condition(checker, node.condition);
  return { kind: 'loop', condition: test, step: undefined, bodyFirst, ...labels, at: node.at };
}

function checkFor(checker: Checker, node: Of<'for'>): TypedStatement {
  return scoped(checker, () => {
    const first = node.first === undefined ? [] : [checkStatement(checker, node.first)];
    const test = node.condition === undefined ? undefined : condition(checker, node.condition);
    const step = node.step === undefined ? undefined : check(checker, node.step);
    if (node.step !== undefined && step !== undefined) warnUnusedValue(checker, node.step, step);
    const labels = loopBody(checker, node.body);
    const loop: TypedStatement = { kind: 'loop', condition: test, step, bodyFirst: false, ...labels, at: node.at };
    return { kind: 'compound', statements: [...first, loop], at: node.at };
  });
}

export function labelNamed(current: FunctionContext, name: string, at: Statement['at']): NamedLabel {
  const known = current.labels.get(name);
  if (known !== undefined) return known;
  const label: NamedLabel = { name, named: true, defined: false, used: false, at };
  current.labels.set(name, label);
  return label;
}

function checkLabel(checker: Checker, node: Of<'label'>): TypedStatement {
  const { current } = checker;
  if (current === undefined) return empty(node.at);
  const label = labelNamed(current, node.name, node.at);
  if (label.defined) fail(checker, node.at, `the label \`${node.name}\` is already at line ${label.at.line}`);
  label.defined = true;
  return { kind: 'label', label, body: checkStatement(checker, node.body), at: node.at };
}

export function reportLabels({ reporter }: Checker, { labels }: FunctionContext): void {
  const defined = [...labels.values()].filter((label) => label.defined).map(({ name }) => name);
  for (const label of labels.values()) {
    if (!label.defined)
      reporter.error(label.at, `there is no label \`${label.name}\` in this function`, didYouMean(label.name, defined));
    else if (!label.used) reporter.warn(label.at, `nothing jumps to the label \`${label.name}\``);
  }
}

function checkGoto(checker: Checker, node: Of<'goto'>): TypedStatement {
  if (checker.current === undefined) return empty(node.at);
  const label = labelNamed(checker.current, node.name, node.at);
  label.used = true;
  return { kind: 'goto', label, at: node.at };
}

function checkJump(
  checker: Checker,
  node: Statement & { readonly kind: 'break' | 'continue' | 'empty' },
): TypedStatement {
  const { kind, at } = node;
  if (kind === 'empty') return empty(at);
  const { current } = checker;
  const target = kind === 'break' ? current?.breaks.at(-1) : current?.continues.at(-1);
  if (current !== undefined && target !== undefined) {
    const before = leavingBlocks(current, target.depth, at);
    const jump: TypedStatement = { kind: 'goto', label: target.label, at };
    return before.length === 0 ? jump : { kind: 'compound', statements: [...before, jump], at };
  }
  fail(checker, at, `\`${kind}\` stands outside of any loop${kind === 'break' ? ' or `switch`' : ''}`);
  return empty(at);
}

function checkReturn(checker: Checker, node: Of<'return'>): TypedStatement {
  const { at } = node;
  const returns = checker.current?.type.returns ?? voidType;
  const name = checker.current?.global.name ?? '';
  if (node.value === undefined) {
    if (returns.kind !== 'void' && returns.kind !== 'broken') {
      checker.reporter.warn(at, `\`${name}\` must return a value (${quoteType(returns)})`);
    }
    return { kind: 'return', value: undefined, at };
  }
  const value = decay(check(checker, node.value));
  if (returns.kind !== 'void') {
    const converted = assignTo(checker, value, returns, { what: 'the returned value', at: node.value.at });
    warnLocalAddress(checker, converted);
    return { kind: 'return', value: converted, at };
  }
  if (value.type.kind !== 'void' && !isBroken(value)) {
    checker.reporter.error(
      node.value.at,
      `\`${name}\` returns \`void\`, and this is a value`,
      'write `return;`, or give the function another type',
    );
  }
  return {
    kind: 'compound',
    statements: [
      { kind: 'expression', value, at },
      { kind: 'return', value: undefined, at },
    ],
    at,
  };
}

function warnLocalAddress(checker: Checker, value: Typed): void {
  if (value.kind === 'convert') {
    warnLocalAddress(checker, value.operand);
    return;
  }
  let place = value.kind === 'address' ? value.operand : undefined;
  while (place?.kind === 'field') place = place.object;
  if (place?.kind !== 'local') return;
  const hint = 'make it `static`, or let the caller bring the memory';
  checker.reporter.warn(
    value.at,
    `\`${place.local.name}\` is gone when the function has returned, and this is its address`,
    hint,
  );
}

export function checkStatement(checker: Checker, node: Statement): TypedStatement {
  const { at } = node;
  switch (node.kind) {
    case 'expression': {
      const value = check(checker, node.value);
      warnUnusedValue(checker, node.value, value);
      return { kind: 'expression', value, at };
    }
    case 'declare':
      return { kind: 'compound', statements: checkDeclaration(checker, node.declaration), at };
    case 'compound':
      return scoped(checker, () => innerBlock(checker, node));
    case 'if':
      return checkIf(checker, node);
    case 'while':
    case 'do':
      return checkWhile(checker, node);
    case 'for':
      return checkFor(checker, node);
    case 'switch':
      return checkSwitch(checker, node);
    case 'case':
      return checkCase(checker, node);
    case 'default':
      return checkDefault(checker, node);
    case 'label':
      return checkLabel(checker, node);
    case 'goto':
      return checkGoto(checker, node);
    case 'gotoValue':
      return checkGotoValue(checker, node);
    case 'return':
      return checkReturn(checker, node);
    case 'asm':
      return checkAsm(checker, node);
    default:
      return checkJump(checker, node);
  }
}

/** Without a scope of its own: a function's body shares that of its parameters. */
export function checkBlock(checker: Checker, node: Of<'compound'>): TypedStatement {
  const statements = node.statements.map((each, index) => {
    // A loop without a body is common; with a block after it, the block was meant to be the body.
    const loop = each.kind === 'for' || each.kind === 'while';
    if (loop && node.statements[index + 1]?.kind === 'compound') warnEmptyBody(checker, each.kind, each.body, each.at);
    return checkStatement(checker, each);
  });
  return { kind: 'compound', statements, at: node.at };
}

function innerBlock(checker: Checker, node: Of<'compound'>): TypedStatement {
  const mark: BlockMark = { stack: undefined };
  checker.current?.blocks.push(mark);
  const block = checkBlock(checker, node);
  checker.current?.blocks.pop();
  return block.kind === 'compound' ? { ...block, statements: withStack(mark, block.statements, node.end) } : block;
}

/** `({ …; value; })` */
export function statementExpression(checker: Checker, node: Expression & { readonly kind: 'block' }): Typed {
  const { body, at } = node;
  if (checker.current === undefined) return fail(checker, at, '`({ … })` must stand in a function');
  if (body.kind !== 'compound') return fail(checker, at, '`({ … })` cannot be read');
  return scoped(checker, () => {
    const last = body.statements.at(-1);
    const before = last?.kind === 'expression' ? body.statements.slice(0, -1) : body.statements;
    const statements = before.map((each) => checkStatement(checker, each));
    const result = last?.kind === 'expression' ? decay(check(checker, last.value)) : undefined;
    return { kind: 'block', statements, result, type: result === undefined ? voidType : unqualified(result.type), at };
  });
}
