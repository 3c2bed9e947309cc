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

/** `.file "name"` only says what is being assembled; with a number, `.loc` refers to it. */
function file(unit: Unit, cursor: Cursor): void {
  if (peek(cursor).kind !== 'number') {
    skip(cursor);
    return;
  }
  const number = next(cursor).text;
  unit.files.set(number, new TextDecoder().decode(stringBytes(expectString(cursor))));
  skip(cursor);
}

function location(unit: Unit, cursor: Cursor): void {
  const number = next(cursor);
  const line = next(cursor);
  if (number.kind !== 'number' || line.kind !== 'number') throw unexpected(cursor, 'the number of a file and a line');
  const name = unit.files.get(number.text);
  unit.location = name === undefined ? undefined : { file: name, line: Number(line.value) };
  skip(cursor);
}

export const lineDirectives: readonly Directive[] = [
  directive('.file', '[number] "name"', 'Names a source file for `.loc`.', file),
  directive('.loc', 'file line [column]', 'The instructions that follow come from that line.', location),
];

/** The instruction that follows comes from the statement, or from where `.loc` says. */
export function markCode(unit: Unit, { shown, file: name, line }: Statement): void {
  const { location: place, section, files } = unit;
  if (place !== undefined) markLine(section, place.file, place.line);
  else if (files.size === 0) markLine(section, shown?.file ?? name, shown?.line ?? line);
}
