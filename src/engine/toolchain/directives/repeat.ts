/** Macros and repetitions: they collect the statements up to their end, and push them to be read. */
import { type Cursor, expectEnd, expectName, mistakeAt, next, peek, restText } from '../cursor.ts';
import { Mistake, type Span } from '../diagnostics.ts';
import { expandBody, limits, parseParameters, splitArguments } from '../macro.ts';
import { type Statement, wholeSpan } from '../scan.ts';
import type { Frame, Unit } from '../unit.ts';
import { constantAt } from './arguments.ts';
import { type Directive, directive } from './directive.ts';

/** The first word of a statement after its labels, in lower case if it is a directive. */
export function firstWord(text: string): string {
  const word = /^\s*(?:[\w.$]+\s*:\s*)*([\w.$]+)/.exec(text)?.[1] ?? '';
  return word.startsWith('.') ? word.toLowerCase() : word;
}

/** Takes the statements up to the matching end out of the frame that is being read. */
function takeBody(unit: Unit, cursor: Cursor, opens: RegExp, closes: RegExp, ends: string): readonly Statement[] {
  const frame = unit.frames.at(-1);
  const statements = frame?.statements ?? [];
  const first = frame?.next ?? 0;
  let depth = 1;
  for (let index = first; index < statements.length; index++) {
    const word = firstWord(statements[index]?.text ?? '');
    if (opens.test(word)) depth++;
    else if (closes.test(word)) depth--;
    if (depth === 0) {
      if (frame !== undefined) frame.next = index + 1;
      return statements.slice(first, index);
    }
  }
  // All that follows belongs to it as far as anyone can tell: more errors would only be noise.
  if (frame !== undefined) frame.next = statements.length;
  unit.broken = true;
  const { text } = cursor.statement;
  const start = text.search(/\S/);
  throw new Mistake(
    `\`${firstWord(text)}\` has no end`,
    start,
    text.trimEnd().length,
    `write \`${ends}\` where it ends`,
  );
}

export function pushFrame(unit: Unit, cursor: Cursor, frame: Omit<Frame, 'next' | 'conditions' | 'at'>): void {
  if (unit.frames.length > limits.depth) {
    const recursive = unit.frames.filter((each) => each.macro !== undefined && each.macro === frame.macro).length > 1;
    const what = recursive
      ? `macro \`${frame.macro?.name}\` calls itself without end`
      : 'macros and files are nested too deeply';
    unit.frames.splice(1);
    unit.conditions.splice(unit.frames[0]?.conditions ?? 0);
    throw new Mistake(what, 0, cursor.statement.text.length, recursive ? 'end the recursion with `.if`' : undefined);
  }
  unit.frames.push({ ...frame, at: wholeSpan(cursor.statement), next: 0, conditions: unit.conditions.length });
}

function defineMacro(unit: Unit, cursor: Cursor): void {
  const name = expectName(cursor, 'the name of the macro');
  if (peek(cursor).text === ',') next(cursor);
  const rest = restText(cursor);
  const offset = peek(cursor).start;
  const body = takeBody(unit, cursor, /^\.macro$/, /^\.(endm|endmacro)$/, '.endm');
  const parameters = parseParameters(rest, offset);
  const key = name.text.toLowerCase();
  const earlier = unit.macros.get(key);
  if (earlier !== undefined) {
    const { file, line } = earlier.at;
    throw mistakeAt(
      name,
      `macro \`${name.text}\` is already defined at ${file}:${line}`,
      `remove it with \`.purgem ${name.text}\` first`,
    );
  }
  unit.macros.set(key, { name: name.text, parameters, body, at: wholeSpan(cursor.statement) });
  cursor.index = cursor.end;
}

const repetitionBody = (unit: Unit, cursor: Cursor): readonly Statement[] =>
  takeBody(unit, cursor, /^\.(rept|irp|irpc|rep)$/, /^\.(endr|endrep)$/, '.endr');

/** Runs the body once for each round that `round` gives statements for. */
function repeat(unit: Unit, cursor: Cursor, round: () => readonly Statement[] | undefined): void {
  pushFrame(unit, cursor, { kind: 'repetition', statements: [], more: round });
}

function rept(unit: Unit, cursor: Cursor): void {
  const count = { ...cursor };
  cursor.index = cursor.end;
  const body = repetitionBody(unit, cursor);
  const times = constantAt(unit, count, 'the number of repetitions');
  expectEnd(count);
  let left = times;
  repeat(unit, cursor, () => (left-- > 0n ? body : undefined));
}

/** Substituted text stands no longer where it stood in its line: the line as a whole is shown. */
const showOwnLine = (statement: Statement): Span => wholeSpan(statement);

function forEachValue(unit: Unit, cursor: Cursor, split: (text: string, offset: number) => readonly string[]): void {
  const name = expectName(cursor, 'the name of the parameter').text.replace(/^\\/, '');
  if (peek(cursor).text === ',') next(cursor);
  const values = split(restText(cursor), peek(cursor).start);
  cursor.index = cursor.end;
  const body = repetitionBody(unit, cursor);
  let index = 0;
  repeat(unit, cursor, () => {
    const value = values[index++];
    return value === undefined ? undefined : expandBody(unit, body, new Map([[name, value]]), showOwnLine);
  });
}

const words = (text: string, offset: number): readonly string[] => {
  const pieces = splitArguments(text, offset).map((piece) => piece.text.replace(/^"(.*)"$/, '$1'));
  return pieces.length === 0 ? [''] : pieces;
};

const letters = (text: string): readonly string[] => {
  const bare = text.trim().replace(/^"(.*)"$/, '$1');
  return bare === '' ? [''] : [...bare];
};

function exitMacro(unit: Unit, cursor: Cursor): void {
  const frame = unit.frames.at(-1);
  if (frame === undefined || frame.kind === 'file') {
    throw new Mistake('`.exitm` stands outside any macro', 0, cursor.statement.text.length);
  }
  unit.conditions.splice(frame.conditions);
  unit.frames.pop();
}

const strayEnd = (names: string, opener: string): Directive =>
  directive(names, '', `Ends ${opener}.`, (_unit, cursor, name) => {
    throw new Mistake(`\`${name}\` without ${opener} before it`, 0, cursor.statement.text.length);
  });

export const repeatDirectives: readonly Directive[] = [
  directive(
    '.macro',
    'name [parameter[=value], …]',
    'Defines a macro, up to .endm; \\parameter stands for its argument.',
    defineMacro,
  ),
  strayEnd('.endm .endmacro', '.macro'),
  directive('.exitm', '', 'Leaves the macro.', exitMacro),
  directive('.purgem', 'name', 'Forgets a macro.', (unit, cursor) => {
    const name = expectName(cursor, 'the name of the macro');
    if (!unit.macros.delete(name.text.toLowerCase())) throw mistakeAt(name, `there is no macro \`${name.text}\``);
  }),
  directive('.rept .rep', 'count', 'Repeats what follows up to .endr.', rept),
  directive('.irp', 'parameter, value, …', 'Repeats up to .endr, once for each value.', (unit, cursor) =>
    forEachValue(unit, cursor, words),
  ),
  directive('.irpc', 'parameter, letters', 'Repeats up to .endr, once for each letter.', (unit, cursor) =>
    forEachValue(unit, cursor, letters),
  ),
  strayEnd('.endr .endrep', '.rept'),
];
