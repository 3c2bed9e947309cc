/** `.if` and its kin. They run in skipped text too, to keep count of what is open. */
import { type Cursor, expectEnd, expectName, expectString, mistakeAt, peek, restText, unexpected } from '../cursor.ts';
import { Mistake } from '../diagnostics.ts';
import { wholeSpan } from '../scan.ts';
import { stringBytes } from '../tokens.ts';
import type { Condition, Unit } from '../unit.ts';
import { constantAt } from './arguments.ts';
import { type Directive, directive } from './directive.ts';

/** Statements are assembled only where every open conditional is in its chosen branch. */
export const isSkipping = (unit: Unit): boolean => {
  const last = unit.conditions.at(-1);
  return last !== undefined && !last.active;
};

const maxOpen = 1000;

function open(unit: Unit, cursor: Cursor, test: () => boolean): void {
  const dead = isSkipping(unit);
  const condition: Condition = { at: wholeSpan(cursor.statement), active: false, done: false, dead, seenElse: false };
  if (unit.conditions.length >= maxOpen) throw mistakeAt(peek(cursor), 'conditionals are nested too deeply');
  unit.conditions.push(condition);
  if (dead) {
    cursor.index = cursor.end;
    return;
  }
  // If the test itself is wrong, both branches stay out: one error is enough.
  condition.done = true;
  const holds = test();
  condition.active = holds;
  condition.done = holds;
}

const comparison = (name: string, summary: string, test: (value: bigint) => boolean): Directive =>
  directive(name, 'expression', summary, (unit, cursor, written) =>
    open(unit, cursor, () => {
      const holds = test(constantAt(unit, cursor, `the condition of \`${written}\``));
      expectEnd(cursor);
      return holds;
    }),
  );

const textual = (
  names: string,
  syntax: string,
  summary: string,
  test: (unit: Unit, cursor: Cursor) => boolean,
): Directive => directive(names, syntax, summary, (unit, cursor) => open(unit, cursor, () => test(unit, cursor)));

const isDefined = (unit: Unit, cursor: Cursor): boolean => {
  const name = expectName(cursor, 'the name of a symbol');
  expectEnd(cursor);
  return unit.symbols.get(name.text)?.definition !== undefined;
};

/** Two texts around a comma, blanks outside dropped; either may be in single quotes. */
function sameText(cursor: Cursor): boolean {
  const text = restText(cursor);
  cursor.index = cursor.end;
  const quoted = /^('(?:[^']|'')*'|[^,]*),(.*)$/.exec(text.trim());
  if (quoted === null) throw new Mistake('two texts with a comma between them are needed here', 0, text.length);
  const clean = (part = ''): string => part.trim().replace(/^'(.*)'$/, '$1');
  return clean(quoted[1]) === clean(quoted[2]);
}

function sameStrings(cursor: Cursor): boolean {
  const decode = (bytes: Uint8Array): string => bytes.join();
  const first = stringBytes(expectString(cursor));
  if (peek(cursor).text === ',') cursor.index++;
  return decode(first) === decode(stringBytes(expectString(cursor)));
}

const isBlank = (cursor: Cursor): boolean => {
  const blank = restText(cursor).trim() === '';
  cursor.index = cursor.end;
  return blank;
};

function innermost(unit: Unit, cursor: Cursor, name: string): Condition {
  const condition = unit.conditions.at(-1);
  const floor = unit.frames.at(-1)?.conditions ?? 0;
  if (condition === undefined || unit.conditions.length <= floor) {
    const { text } = cursor.statement;
    throw new Mistake(`\`${name}\` without an \`.if\` before it`, text.search(/\S/), text.trimEnd().length);
  }
  return condition;
}

function elseIf(unit: Unit, cursor: Cursor, name: string): void {
  const condition = innermost(unit, cursor, name);
  if (condition.seenElse) throw unexpected(cursor, 'an `.endif` (the `.else` has been)');
  condition.active = false;
  if (condition.dead || condition.done) {
    cursor.index = cursor.end;
    return;
  }
  condition.done = true;
  const holds = constantAt(unit, cursor, 'the condition of `.elseif`') !== 0n;
  condition.active = holds;
  condition.done = holds;
}

function otherwise(unit: Unit, cursor: Cursor, name: string): void {
  const condition = innermost(unit, cursor, name);
  if (condition.seenElse) throw unexpected(cursor, 'an `.endif` (there is an `.else` already)');
  condition.active = !condition.dead && !condition.done;
  condition.done = true;
  condition.seenElse = true;
}

function close(unit: Unit, cursor: Cursor, name: string): void {
  innermost(unit, cursor, name);
  unit.conditions.pop();
}

export const conditionalDirectives: readonly Directive[] = [
  comparison('.if', 'Assembles up to .endif if the number is not zero.', (value) => value !== 0n),
  comparison('.ifne', 'Assembles if the number is not zero.', (value) => value !== 0n),
  comparison('.ifeq', 'Assembles if the number is zero.', (value) => value === 0n),
  comparison('.ifgt', 'Assembles if the number is above zero.', (value) => value > 0n),
  comparison('.ifge', 'Assembles if the number is zero or above.', (value) => value >= 0n),
  comparison('.iflt', 'Assembles if the number is below zero.', (value) => value < 0n),
  comparison('.ifle', 'Assembles if the number is zero or below.', (value) => value <= 0n),
  textual('.ifdef', 'symbol', 'Assembles if the symbol is defined by now.', isDefined),
  textual(
    '.ifndef .ifnotdef',
    'symbol',
    'Assembles if the symbol is not defined yet.',
    (unit, cursor) => !isDefined(unit, cursor),
  ),
  textual('.ifb', 'text', 'Assembles if the text is empty.', (_unit, cursor) => isBlank(cursor)),
  textual('.ifnb', 'text', 'Assembles if the text is not empty.', (_unit, cursor) => !isBlank(cursor)),
  textual('.ifc', 'text, text', 'Assembles if the texts are the same.', (_unit, cursor) => sameText(cursor)),
  textual('.ifnc', 'text, text', 'Assembles if the texts differ.', (_unit, cursor) => !sameText(cursor)),
  textual('.ifeqs', '"text", "text"', 'Assembles if the strings are the same.', (_unit, cursor) => sameStrings(cursor)),
  textual('.ifnes', '"text", "text"', 'Assembles if the strings differ.', (_unit, cursor) => !sameStrings(cursor)),
  directive('.elseif', 'expression', 'Another condition, if none before it held.', elseIf),
  directive('.else', '', 'What is assembled if no condition held.', otherwise),
  directive('.endif', '', 'Ends a conditional.', close),
];

export const isConditional = (name: string): boolean => /^\.(if|else|endif)/.test(name);
