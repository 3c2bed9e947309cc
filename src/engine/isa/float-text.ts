/** A floating-point operation as a reader would write it on paper. */
import type { Expr } from './expression.ts';
import { type FloatName, floatOperations } from './float.ts';

const signs: Partial<Record<FloatName, string>> = {
  add: '+',
  sub: '−',
  mul: '×',
  div: '÷',
  eq: '=',
  lt: '<',
  le: '≤',
};

const integerTexts: Readonly<Record<string, string>> = { w: 'int32', wu: 'uint32', l: 'int64', lu: 'uint64' };

function exactText(name: FloatName, [a = '', b = '', c = '']: readonly string[]): string {
  const sign = signs[name];
  if (sign !== undefined) return `${a} ${sign} ${b}`;
  if (name === 'fma') return `${a} × ${b} + ${c}`;
  if (name === 'sqrt') return `√${a}`;
  if (name === 'resize') return a;
  if (name.startsWith('from.')) return `${integerTexts[name.slice(5)]}(${a})`;
  return `${name}(${b === '' ? a : `${a}, ${b}`})`;
}

/** `round` stands where the result may differ from the exact one; `operand` gives the text of an operand. */
export function floatText(
  { name, format, operands }: Extract<Expr, { readonly op: 'float' }>,
  operand: (expr: Expr) => string,
): string {
  const { raises } = floatOperations[format][name];
  const texts = operands.map(operand);
  if (name.startsWith('to.')) return `${integerTexts[name.slice(3)]}(round(${texts.join()}))`;
  const text = exactText(name, texts);
  if (raises.includes('NX')) return `round(${text})`;
  return name === 'resize' || name.startsWith('from.') ? `${format}(${text})` : text;
}
