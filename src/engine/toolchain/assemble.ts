/** One source → a relocatable object. */
import { assembleInstruction } from './assemble-instruction.ts';
import { type Cursor, expectEnd, mistakeAt, next, peek } from './cursor.ts';
import { Mistake, type Reporter, type Span } from './diagnostics.ts';
import { expressionAt } from './directives/arguments.ts';
import { isConditional, isSkipping } from './directives/conditional.ts';
import { firstWord, pushFrame } from './directives/repeat.ts';
import { setLocation } from './directives/room.ts';
import { directivesByName } from './directives/table.ts';
import { finishObject } from './finish.ts';
import { bindArguments, expandBody, limits, showAtCall } from './macro.ts';
import type { ObjectFile } from './object.ts';
import { type Statement, scan, spanOf, wholeSpan } from './scan.ts';
import { didYouMean } from './suggest.ts';
import { type Token, tokenize } from './tokens.ts';
import { createUnit, defineLabel, defineLocal, defineValue, type Frame, type Macro, type Unit } from './unit.ts';

export interface Source {
  readonly name: string;
  readonly text: string;
}

/** What a source may name, and what it sees. */
export interface AssemblyContext {
  /** Files that `.include` may name. */
  readonly sources: ReadonlyMap<string, string>;
  /** Absolute symbols. */
  readonly defines: Readonly<Record<string, bigint>>;
  /** Files that `.incbin` may name. */
  readonly binaries?: ReadonlyMap<string, Uint8Array> | undefined;
}

/** As `assembleStatements`, from text. */
export function assemble(
  source: Source,
  sources: ReadonlyMap<string, string>,
  defines: Readonly<Record<string, bigint>>,
  reporter: Reporter,
  binaries?: ReadonlyMap<string, Uint8Array>,
): ObjectFile | undefined {
  const statements = scan(source.text, source.name, reporter);
  return assembleStatements(source.name, statements, { sources, defines, binaries }, reporter);
}

/**
 * Errors are collected statement by statement; nothing is thrown. Undefined after errors that leave too much out for
 * the linker to say anything sensible.
 */
export function assembleStatements(
  name: string,
  statements: readonly Statement[],
  { sources, defines, binaries }: AssemblyContext,
  reporter: Reporter,
): ObjectFile | undefined {
  const unit = createUnit(name, sources, defines, reporter, binaries);
  const at: Span = { file: name, line: 1, column: 1, endColumn: 2 };
  unit.frames.push({ kind: 'file', statements, at, next: 0, conditions: 0 });
  for (let statement = nextStatement(unit); statement !== undefined; statement = nextStatement(unit)) {
    try {
      runStatement(unit, statement);
    } catch (thrown) {
      if (!(thrown instanceof Mistake)) throw thrown;
      reporter.error(spanOf(statement, thrown.start, thrown.end), thrown.message, thrown.hint);
    }
    countStatement(unit, wholeSpan(statement));
  }
  reportOpen(unit, 0);
  const object = finishObject(unit);
  return unit.broken ? undefined : object;
}

/** Stops programs that would be assembled for ever, and those of which nothing more needs to be said. */
function countStatement(unit: Unit, at: Span): void {
  if (unit.reporter.exhausted) {
    unit.broken = true;
    unit.ended = true;
  }
  if (++unit.statements <= limits.statements || unit.ended) return;
  unit.reporter.error(at, 'macros and repetitions produce too many statements');
  unit.broken = true;
  unit.ended = true;
}

function nextStatement(unit: Unit): Statement | undefined {
  for (;;) {
    const frame = unit.frames.at(-1);
    if (frame === undefined || unit.ended) return undefined;
    const statement = frame.statements[frame.next];
    if (statement !== undefined) {
      frame.next++;
      return statement;
    }
    const more = nextRound(unit, frame);
    if (more !== undefined) {
      frame.statements = more;
      frame.next = 0;
      countStatement(unit, frame.at);
      continue;
    }
    reportOpen(unit, frame.conditions);
    unit.frames.pop();
  }
}

function nextRound(unit: Unit, frame: Frame): readonly Statement[] | undefined {
  try {
    return frame.more?.();
  } catch (thrown) {
    if (!(thrown instanceof Mistake)) throw thrown;
    unit.reporter.error(frame.at, thrown.message, thrown.hint);
    return undefined;
  }
}

function reportOpen(unit: Unit, from: number): void {
  for (const condition of unit.conditions.splice(from)) {
    unit.broken = true;
    unit.reporter.error(condition.at, 'this conditional has no `.endif`', 'write `.endif` where it ends');
  }
}

function runStatement(unit: Unit, statement: Statement): void {
  if (isSkipping(unit) && !isConditional(firstWord(statement.text))) return;
  const tokens = tokenize(statement.text);
  const cursor: Cursor = { statement, tokens, end: tokens.length - 1, index: 0 };
  readLabels(unit, cursor);
  const word = peek(cursor);
  if (word.kind === 'end') return;
  if (word.kind !== 'name') {
    throw mistakeAt(
      word,
      `\`${word.text}\` cannot begin a statement`,
      'an instruction, a directive or `label:` is needed',
    );
  }
  next(cursor);
  if (assignment(unit, cursor, word)) return;
  const macro = unit.macros.get(word.text.toLowerCase());
  if (macro !== undefined) callMacro(unit, cursor, word, macro);
  else if (word.text.startsWith('.')) runDirective(unit, cursor, word);
  else assembleInstruction(unit, word, cursor);
}

function readLabels(unit: Unit, cursor: Cursor): void {
  for (;;) {
    const token = peek(cursor);
    const colon = cursor.tokens[cursor.index + 1];
    if (colon?.text !== ':' || colon.kind !== 'punctuation') return;
    const span = spanOf(cursor.statement, token.start, token.end);
    if (token.kind === 'number' && /^\d+$/.test(token.text)) defineLocal(unit, token.text, span);
    else if (token.kind === 'name' && token.text !== '.') defineLabel(unit, token.text, span);
    else throw mistakeAt(token, `\`${token.text}\` cannot be a label`);
    cursor.index += 2;
  }
}

/** `name = value`, `name == value` (once) and `. = offset`. */
function assignment(unit: Unit, cursor: Cursor, name: Token): boolean {
  const mark = peek(cursor);
  if (mark.kind !== 'punctuation' || (mark.text !== '=' && mark.text !== '==')) return false;
  next(cursor);
  const value = expressionAt(unit, cursor);
  expectEnd(cursor);
  if (name.text === '.') setLocation(unit, cursor, value, 0);
  else {
    const at = spanOf(cursor.statement, name.start, name.end);
    defineValue(unit, name.text, value.node, at, mark.text === '==');
  }
  return true;
}

function callMacro(unit: Unit, cursor: Cursor, name: Token, macro: Macro): void {
  const rest = cursor.statement.text.slice(name.end);
  const bound = bindArguments(macro, rest, name.end);
  const statements = expandBody(unit, macro.body, bound, showAtCall(macro, cursor.statement));
  pushFrame(unit, cursor, { kind: 'macro', statements, macro });
}

/** Directives of other assemblers, by what is meant. */
const otherDirectives: Readonly<Record<string, string>> = {
  '.eqv': 'use `.equ name, value`',
  '.define': 'use `.equ name, value`',
  '.db': 'use `.byte`',
  '.dw': 'use `.half` (2 bytes) or `.word` (4)',
  '.dd': 'use `.word`',
  '.dq': 'use `.dword`',
  '.asciiz': 'use `.asciz`',
  '.entry': 'the program starts at `_start`',
  '.code': 'use `.text`',
};

function runDirective(unit: Unit, cursor: Cursor, name: Token): void {
  const lower = name.text.toLowerCase();
  const found = directivesByName.get(lower);
  if (found === undefined) {
    const hint = otherDirectives[lower] ?? didYouMean(lower, directivesByName.keys());
    throw mistakeAt(name, `unknown directive \`${name.text}\``, hint);
  }
  found.run(unit, cursor, lower);
  if (!unit.ended) expectEnd(cursor);
}
