/** Function definitions (C11 §6.9.1). */
import type { FunctionDefinition } from '../parse/syntax.ts';
import { sizeOf } from '../types/layout.ts';
import { quoteType } from '../types/show.ts';
import type { FunctionType } from '../types/types.ts';
import { checkAttributes, hasAttribute } from './attributes.ts';
import { type Checker, describePlace, type FunctionContext, scoped } from './checker.ts';
import { fileName } from './declarations.ts';
import { withDispatch } from './label-values.ts';
import { declare, newLocal } from './names.ts';
import { parameterType, resolveType } from './resolve-type.ts';
import { warnSignChecks } from './signs.ts';
import { checkBlock, reportLabels } from './statements.ts';
import type { Global, Local, TypedStatement } from './tree.ts';

function checkParameters(checker: Checker, node: FunctionDefinition): Local[] {
  const { type } = node.declarator;
  if (type.kind !== 'function') return [];
  return type.parameters.map((parameter, index) => {
    const { name, at } = parameter;
    const found = parameterType(checker, parameter);
    if (found.kind !== 'broken' && sizeOf(found) === undefined) {
      checker.reporter.error(
        at,
        `the type of the parameter \`${name ?? index + 1}\`, ${quoteType(found)}, is not complete`,
      );
    }
    const local = newLocal(checker, { name: name ?? '', type: found, at, parameter: true });
    if (name !== undefined) declare(checker, name, { kind: 'local', local }, at);
    return local;
  });
}

function checkBody(checker: Checker, node: FunctionDefinition, global: Global, type: FunctionType): void {
  const context: FunctionContext = {
    global,
    type,
    labels: new Map(),
    numbered: [],
    dispatch: undefined,
    breaks: [],
    continues: [],
    blocks: [],
    switches: [],
    locals: [],
    signChecks: [],
  };
  checker.current = context;
  const { body, at, end } = node;
  const attributes = [...node.specifiers.attributes, ...node.declarator.attributes];
  scoped(checker, () => {
    const parameters = checkParameters(checker, node);
    const empty: TypedStatement = { kind: 'compound', statements: [], at };
    const checked = body.kind === 'compound' ? checkBlock(checker, body) : empty;
    const whole = withDispatch(checked, context);
    reportLabels(checker, context);
    warnSignChecks(checker);
    const inline = hasAttribute(attributes, 'noinline')
      ? 'never'
      : hasAttribute(attributes, 'always_inline')
        ? 'always'
        : 'maybe';
    const naked = hasAttribute(attributes, 'naked');
    checker.functions.push({ global, type, parameters, body: whole, at, end, naked, inline });
  });
  checker.current = undefined;
}

/** C11 §6.7.4 ¶7: `inline` without `extern` defines nothing that other files see; GNU C had it the other way round. */
function isInlineOnly(node: FunctionDefinition): boolean {
  const { inline, storage } = node.specifiers;
  const old = hasAttribute([...node.specifiers.attributes, ...node.declarator.attributes], 'gnu_inline');
  return inline && storage !== 'static' && (storage === 'extern') === old;
}

export function checkFunction(checker: Checker, node: FunctionDefinition): void {
  const { declarator, specifiers, at } = node;
  checkAttributes(checker, [...specifiers.attributes, ...declarator.attributes]);
  const type = resolveType(checker, declarator.type);
  if (type.kind !== 'function') return;
  const global = fileName(checker, declarator, specifiers, type.unknown ? { ...type, unknown: false } : type);
  if (global.type.kind !== 'function') return;
  if (global.defined) {
    checker.reporter.error(at, `the function \`${global.name}\` is already defined at ${describePlace(global.at)}`);
  }
  if (isInlineOnly(node) && !global.used) global.linkage = 'local';
  global.defined = true;
  const { returns } = type;
  if (returns.kind !== 'void' && returns.kind !== 'broken' && sizeOf(returns) === undefined) {
    checker.reporter.error(at, `\`${global.name}\` returns ${quoteType(returns)}, which is not complete`);
  }
  checkBody(checker, node, global, type);
}
