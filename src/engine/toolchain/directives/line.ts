/** The line map: which source each instruction comes from. A compiler names its own source with `.file` and `.loc`. */
import { atEnd, type Cursor, expectString, next, peek, unexpected } from '../cursor.ts';
import type { Statement } from '../scan.ts';
import { markLine } from '../sections.ts';
import { stringBytes } from '../tokens.ts';
import type { Unit } from '../unit.ts';
import { type Directive, directive } from './directive.ts';

const skip = (cursor: Cursor): void => {
  while (!atEnd(cursor)) next(cursor);
};

const stringAt = (cursor: Cursor): string => new TextDecoder().decode(stringBytes(expectString(cursor)));

/** `.file "name"` only says what is being assembled; with a number, `.loc` refers to it. A folder may come first. */
function file(unit: Unit, cursor: Cursor): void {
  if (peek(cursor).kind !== 'number') {
    skip(cursor);
    return;
  }
  const number = next(cursor).text;
  const first = stringAt(cursor);
  const second = peek(cursor).kind === 'string' ? stringAt(cursor) : undefined;
  const name = second === undefined ? first : second.startsWith('/') || first === '.' ? second : `${first}/${second}`;
  unit.files.set(number, name);
  skip(cursor);
}

/** `is_stmt` holds for later places as well; `prologue_end` for this one alone. */
function optionsAt(unit: Unit, cursor: Cursor): { readonly prologueEnd?: true } {
  let prologueEnd = false;
  while (!atEnd(cursor)) {
    const { text } = next(cursor);
    if (text === 'is_stmt') unit.isStatement = next(cursor).text !== '0';
    if (text === 'prologue_end') prologueEnd = true;
  }
  return prologueEnd ? { prologueEnd } : {};
}

function location(unit: Unit, cursor: Cursor): void {
  const number = next(cursor);
  const line = next(cursor);
  if (number.kind !== 'number' || line.kind !== 'number') throw unexpected(cursor, 'the number of a file and a line');
  const name = unit.files.get(number.text);
  const column = peek(cursor).kind === 'number' ? Number(next(cursor).value) : 0;
  const more = optionsAt(unit, cursor);
  unit.location =
    name === undefined
      ? undefined
      : {
          file: name,
          line: Number(line.value),
          ...(column > 0 && { column }),
          ...(!unit.isStatement && { statement: false }),
          ...more,
        };
}

export const lineDirectives: readonly Directive[] = [
  directive('.file', '[number] "name"', 'Names a source file for `.loc`.', file),
  directive('.loc', 'file line [column]', 'The instructions that follow come from that line.', location),
];

/** The instruction that follows comes from the statement, or from where `.loc` says. */
export function markCode(unit: Unit, { shown, file: name, line }: Statement): void {
  const { location: place, section, files } = unit;
  if (place !== undefined) markLine(section, place);
  else if (files.size === 0) markLine(section, { file: shown?.file ?? name, line: shown?.line ?? line });
}
