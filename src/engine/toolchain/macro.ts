/** Macros: parameters, arguments, substitution. All of it is text. */
import { Mistake, type Span } from './diagnostics.ts';
import { quoteEnd, type Statement, scan, wholeSpan } from './scan.ts';
import { nearest } from './suggest.ts';
import type { Macro, MacroParameter, Unit } from './unit.ts';

/** Runaway recursion and doubling are stopped here; honest programs stay far below. */
export const limits = { depth: 100, statements: 500_000, characters: 1 << 24 } as const;

/** A piece of a statement's text, with its offset there. */
export interface Piece {
  readonly text: string;
  readonly start: number;
}

const isWord = (char: string | undefined): boolean => char !== undefined && /[\w.$\\]/.test(char);

/**
 * Splits arguments at commas, and at blanks between words as GNU as does: `f a0 4` has two, `f a0 + 4` one. Commas in
 * quotes and parentheses separate nothing.
 */
export function splitArguments(text: string, offset: number): Piece[] {
  const pieces: Piece[] = [];
  let depth = 0;
  let start = 0;
  let at = 0;
  const push = (end: number): void => {
    const raw = text.slice(start, end);
    pieces.push({ text: raw.trim(), start: offset + start + (raw.length - raw.trimStart().length) });
  };
  while (at < text.length) {
    const char = text[at] ?? '';
    if (char === '"' || char === "'") {
      at = quoteEnd(text, at);
      continue;
    }
    if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === ',' && depth <= 0) {
      push(at);
      start = at + 1;
    } else if (/\s/.test(char) && depth <= 0 && text.slice(start, at).trim() !== '') {
      const before = text[at - 1];
      const rest = text.slice(at).trimStart();
      const after = rest[0];
      const beginsWord = isWord(after) || after === '"' || after === '%';
      if ((isWord(before) || before === ')' || before === '"') && beginsWord) {
        push(at);
        start = at;
      }
      at += text.length - at - rest.length;
      continue;
    }
    at++;
  }
  if (text.slice(start).trim() !== '' || pieces.length > 0) push(text.length);
  return pieces;
}

/** A quoted argument stands for its content. */
const unquote = (text: string): string =>
  /^"(?:[^"\\]|\\.)*"$/.test(text) ? text.slice(1, -1).replaceAll('\\"', '"') : text;

const parameterPattern = /^([A-Za-z_$.][\w$.]*)(?::(\w+))?(?:\s*=\s*(.*))?$/s;

/** `a, b=4, c:req, rest:vararg` */
export function parseParameters(text: string, offset: number): MacroParameter[] {
  const parameters: MacroParameter[] = [];
  for (const piece of splitArguments(
    text.replace(/\s*([:=])\s*/g, (match, mark) => mark + ' '.repeat(match.length - 1)),
    offset,
  )) {
    const end = piece.start + piece.text.length;
    const [, name, qualifier, fallback = ''] = parameterPattern.exec(piece.text.replace(/([:=])\s+/g, '$1')) ?? [];
    if (name === undefined) throw new Mistake(`\`${piece.text}\` is not a macro parameter`, piece.start, end);
    if (qualifier !== undefined && qualifier !== 'req' && qualifier !== 'vararg') {
      throw new Mistake(`\`:${qualifier}\` is not known`, piece.start, end, 'use `:req` or `:vararg`');
    }
    if (parameters.some((each) => each.name === name)) {
      throw new Mistake(`there are two parameters \`${name}\``, piece.start, end);
    }
    if (parameters.at(-1)?.rest) throw new Mistake('nothing can follow a `:vararg` parameter', piece.start, end);
    parameters.push({
      name,
      fallback: unquote(fallback),
      required: qualifier === 'req',
      rest: qualifier === 'vararg',
    });
  }
  return parameters;
}

/** Argument texts by parameter. */
export function bindArguments(macro: Macro, text: string, offset: number): Map<string, string> {
  const bound = new Map<string, string>();
  const pieces = splitArguments(text, offset);
  let position = 0;
  for (const [index, piece] of pieces.entries()) {
    const end = piece.start + piece.text.length;
    const [, keyword, value] = /^([A-Za-z_$.][\w$.]*)\s*=(?!=)\s*(.*)$/s.exec(piece.text) ?? [];
    const named = keyword === undefined ? undefined : macro.parameters.find((each) => each.name === keyword);
    if (named !== undefined && value !== undefined) {
      bound.set(named.name, unquote(value));
      continue;
    }
    const parameter = macro.parameters[position++];
    if (parameter === undefined) {
      const takes = describeParameters(macro);
      const near =
        keyword === undefined
          ? undefined
          : nearest(
              keyword,
              macro.parameters.map((each) => each.name),
            );
      const hint = near === undefined ? undefined : `did you mean \`${near}=\`?`;
      throw new Mistake(
        `macro \`${macro.name}\` takes ${takes}; \`${piece.text}\` is too much`,
        piece.start,
        end,
        hint,
      );
    }
    if (parameter.rest) {
      bound.set(parameter.name, text.slice((pieces[index]?.start ?? 0) - offset).trim());
      break;
    }
    bound.set(parameter.name, unquote(piece.text));
  }
  for (const parameter of macro.parameters) {
    const given = bound.get(parameter.name) ?? '';
    if (given !== '') continue;
    if (parameter.required) {
      const message = `macro \`${macro.name}\` needs an argument for \`${parameter.name}\``;
      throw new Mistake(message, 0, offset + text.length, `it takes ${describeParameters(macro)}`);
    }
    bound.set(parameter.name, parameter.fallback);
  }
  return bound;
}

function describeParameters(macro: Macro): string {
  if (macro.parameters.length === 0) return 'no arguments';
  const names = macro.parameters.map((each) => each.name).join(', ');
  return `${macro.parameters.length === 1 ? 'one argument' : `${macro.parameters.length} arguments`}: ${names}`;
}

/** Puts argument texts for `\name`, the number of the expansion for `\@`, nothing for `\()`. */
export function substitute(text: string, bound: ReadonlyMap<string, string>, expansion: number): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:(\(\))|(@)|([A-Za-z_$.][\w$.]*))/g, (whole, empty, counter, name: string | undefined) => {
    if (empty !== undefined) return '';
    if (counter !== undefined) return String(expansion);
    // `\reg.w`: a parameter's name may be followed by a dot that is not part of it.
    for (let end = name?.length ?? 0; end > 0; end = name?.lastIndexOf('.', end - 1) ?? 0) {
      const value = bound.get(name?.slice(0, end) ?? '');
      if (value !== undefined) return value + (name?.slice(end) ?? '');
    }
    return whole;
  });
}

/** The statements of a body with arguments put in; `show` says where each is shown to stand. */
export function expandBody(
  unit: Unit,
  body: readonly Statement[],
  bound: ReadonlyMap<string, string>,
  show: (statement: Statement) => Span,
): Statement[] {
  const expansion = unit.expansions++;
  const expanded: Statement[] = [];
  for (const statement of body) {
    const text = substitute(statement.text, bound, expansion);
    unit.expanded += text.length;
    if (unit.expanded > limits.characters) {
      throw new Mistake('macros and repetitions produce too much text', 0, statement.text.length);
    }
    const shown = show(statement);
    if (text === statement.text || !/[;\n]/.test(text)) {
      expanded.push({ ...statement, text, shown });
      continue;
    }
    for (const piece of scan(text, statement.file, unit.reporter)) {
      expanded.push({ ...piece, line: statement.line, shown });
    }
  }
  return expanded;
}

const maxShownCalls = 2;

/** A macro's text is shown at the call, and says which line of the macro it is. */
export function showAtCall(macro: Macro, call: Statement): (statement: Statement) => Span {
  const at = wholeSpan(call);
  return (statement) => {
    const place = `macro \`${macro.name}\`, ${statement.file}:${statement.line}`;
    if (at.inside === undefined) return { ...at, inside: place };
    // In a deep recursion the innermost calls say enough.
    const outer = at.inside.split(', called in ').slice(0, maxShownCalls).join(', called in ');
    return { ...at, inside: `${place}, called in ${outer}` };
  };
}
