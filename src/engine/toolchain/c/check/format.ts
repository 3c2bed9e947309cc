/** `printf` formats against their arguments. */
import type { Span } from '../../diagnostics.ts';
import { quoteType } from '../types/show.ts';
import { type CType, isInteger, isPointer } from '../types/types.ts';
import type { Checker } from './checker.ts';
import type { Typed } from './tree.ts';

interface Directive {
  readonly text: string;
  /** Where it begins in the string, in bytes. */
  readonly at: number;
  readonly stars: number;
  readonly length: string;
  readonly conversion: string;
}

const pattern = /%[-+ #0]*(\*|\d+)?(?:\.(\*|\d+)?)?(hh|h|ll|l|z|t|j)?([A-Za-z%])/g;

function* directives(text: string): Generator<Directive> {
  for (const found of text.matchAll(pattern)) {
    const [all, width, precision, length = '', conversion = ''] = found;
    if (conversion === '%') continue;
    const stars = (width === '*' ? 1 : 0) + (precision === '*' ? 1 : 0);
    yield { text: all, at: found.index, stars, length, conversion };
  }
}

function wanted({
  conversion,
  length,
}: Directive): { readonly words: string; readonly fits: (type: CType) => boolean } | undefined {
  const wide = length === 'l' || length === 'll' || length === 'z' || length === 't' || length === 'j';
  if (/[diuxXoc]/.test(conversion)) {
    const size = wide && conversion !== 'c' ? 8 : 4;
    return {
      words: size === 8 ? 'a number of 64 bits' : 'an `int`',
      fits: (type) => isInteger(type) && type.size === size,
    };
  }
  if (conversion === 's') {
    return { words: 'a string', fits: (type) => isPointer(type) && isInteger(type.to) && type.to.size === 1 };
  }
  if (conversion === 'p')
    return { words: 'a pointer', fits: (type) => isPointer(type) || (isInteger(type) && type.size === 8) };
  if (/[feEgGaA]/.test(conversion)) return { words: 'a `double`', fits: (type) => type.kind === 'floating' };
  return undefined;
}

function hintFor(type: CType, { conversion }: Directive): string | undefined {
  if (isInteger(type)) {
    const letter = /[diuxXo]/.test(conversion) ? conversion : type.signed ? 'd' : 'u';
    return `write \`%${type.size === 8 ? 'l' : ''}${letter}\``;
  }
  if (type.kind === 'floating') return 'write `%f`';
  if (isPointer(type)) return isInteger(type.to) && type.to.size === 1 ? 'write `%s`' : 'write `%p`';
  return undefined;
}

/** The directive's own place, if the string is one piece without escapes before it. */
function placeIn(string: Typed & { kind: 'string' }, { at, text }: Directive): Span {
  const before = string.elements.slice(0, at);
  const plain = before.every((element) => element >= 32 && element < 127 && element !== 34 && element !== 92);
  const whole = string.at.endColumn - string.at.column === string.elements.length + 2;
  if (!plain && !whole) return string.at;
  const column = string.at.column + 1 + at;
  return { ...string.at, column, endColumn: column + text.length };
}

/** Known by an attribute, or by a name and parameters that can mean nothing else. */
function formatOf(target: Typed): { readonly at: number; readonly first: number } | undefined {
  if (target.kind !== 'address' || target.operand.kind !== 'global') return undefined;
  const { format, name, type } = target.operand.global;
  if (format !== undefined) return format.style === 'printf' && format.first > 0 ? format : undefined;
  if (type.kind !== 'function' || !type.variadic || !/^[sf]?n?printf$/.test(name)) return undefined;
  const at = type.parameters.length;
  const last = type.parameters.at(-1);
  return last !== undefined && isPointer(last) && isInteger(last.to) ? { at, first: at + 1 } : undefined;
}

export function checkFormat(checker: Checker, target: Typed, args: readonly Typed[]): void {
  const format = formatOf(target);
  const string = format === undefined ? undefined : stringOf(args[format.at - 1]);
  if (format === undefined || string === undefined) return;
  let next = format.first - 1;
  const text = String.fromCharCode(...string.elements.slice(0, 4000));
  for (const directive of directives(text)) {
    next += directive.stars;
    const rule = wanted(directive);
    if (rule === undefined) return;
    const value = args[next++];
    const at = placeIn(string, directive);
    if (value === undefined) checker.reporter.warn(at, `there is no argument for \`${directive.text}\``);
    else if (!rule.fits(value.type)) {
      const message = `\`${directive.text}\` prints ${rule.words}, and argument ${next} is ${quoteType(value.type)}`;
      checker.reporter.warn(at, message, hintFor(value.type, directive));
    }
  }
  const extra = args[next];
  if (extra !== undefined) checker.reporter.warn(extra.at, 'the format has no directive for this argument');
}

function stringOf(node: Typed | undefined): (Typed & { kind: 'string' }) | undefined {
  if (node?.kind === 'convert') return stringOf(node.operand);
  if (node?.kind !== 'address' || node.operand.kind !== 'string' || node.operand.width !== 1) return undefined;
  return node.operand;
}
