/** Directives that choose the section. */
import { accept, atEnd, type Cursor, mistakeAt, next, peek, sees, unexpected } from '../cursor.ts';
import { createSection, type Section, type SectionFlags } from '../sections.ts';
import { stringBytes } from '../tokens.ts';
import type { Unit } from '../unit.ts';
import { expressionAt, optional } from './arguments.ts';
import { type Directive, directive } from './directive.ts';

export function sectionNamed(unit: Unit, name: string): Section {
  const known = unit.sections.get(name);
  if (known !== undefined) return known;
  const section = createSection(name);
  unit.sections.set(name, section);
  return section;
}

export function switchTo(unit: Unit, section: Section): void {
  unit.previous = unit.section;
  unit.section = section;
}

/** A section's name may hold characters that no symbol may: all up to the comma belongs to it. */
function nameAt(cursor: Cursor): string {
  const first = peek(cursor);
  if (first.kind === 'end') throw unexpected(cursor, 'the name of a section');
  if (first.kind === 'string') {
    next(cursor);
    return new TextDecoder().decode(stringBytes(first));
  }
  let end = first.end;
  while (!atEnd(cursor) && !sees(cursor, ',')) end = next(cursor).end;
  return cursor.statement.text.slice(first.start, end).replace(/\s+/g, '');
}

function parseFlags(cursor: Cursor): SectionFlags {
  const token = next(cursor);
  const letters = new TextDecoder().decode(stringBytes(token));
  const foreign = /[^awxMSGTodeR?0-9]/.exec(letters)?.[0];
  if (foreign !== undefined) {
    throw mistakeAt(token, `\`${foreign}\` is not a section flag`, '`a` is loaded, `w` writable, `x` executable');
  }
  return { alloc: letters.includes('a'), write: letters.includes('w'), execute: letters.includes('x'), nobits: false };
}

const types = ['progbits', 'nobits', 'note', 'init_array', 'fini_array', 'preinit_array'];

/** `@nobits`, `%nobits` or `"nobits"`. */
function typeAt(cursor: Cursor): string | undefined {
  if (!accept(cursor, '@')) accept(cursor, '%');
  const token = next(cursor);
  const name = token.kind === 'string' ? token.text.slice(1, -1) : token.text;
  if (!types.includes(name))
    throw mistakeAt(token, `\`${name}\` is not a section type`, 'use `@progbits` or `@nobits`');
  return name;
}

function openSection(unit: Unit, cursor: Cursor): Section {
  const name = nameAt(cursor);
  const section = sectionNamed(unit, name);
  const given = optional(cursor, () => {
    if (peek(cursor).kind !== 'string') throw unexpected(cursor, 'the flags in quotes', 'for example `"ax"`');
    return parseFlags(cursor);
  });
  const type = optional(cursor, () => typeAt(cursor));
  // What follows (entry size, group) changes nothing that is kept.
  while (accept(cursor, ',')) expressionAt(unit, cursor);
  if (given !== undefined) {
    const nobits = type === 'nobits' || (type === undefined && section.flags.nobits);
    section.flags = { ...given, nobits };
    section.explicit = true;
  }
  return section;
}

const shorthand = (name: string, summary: string): Directive =>
  directive(name, '', summary, (unit, cursor) => {
    const token = peek(cursor);
    if (!atEnd(cursor)) {
      const subsection = expressionAt(unit, cursor).node;
      if (subsection.kind !== 'number' || subsection.value !== 0n) {
        throw mistakeAt(token, `\`${name}\` takes no operand: subsections and addresses are not available`);
      }
    }
    switchTo(unit, sectionNamed(unit, name));
  });

export const sectionDirectives: readonly Directive[] = [
  shorthand('.text', 'Goes on with code.'),
  shorthand('.data', 'Goes on with data that can be written.'),
  shorthand('.rodata', 'Goes on with constants.'),
  shorthand('.bss', 'Goes on with data that starts as zero.'),
  shorthand('.sdata', 'Goes on with small data.'),
  shorthand('.sbss', 'Goes on with small data that starts as zero.'),
  directive('.section', 'name[, "flags"[, @type]]', 'Goes on with a section by name.', (unit, cursor) =>
    switchTo(unit, openSection(unit, cursor)),
  ),
  directive('.pushsection', 'name[, "flags"[, @type]]', 'As .section; .popsection returns.', (unit, cursor) => {
    if (unit.sectionStack.length >= 1000) throw mistakeAt(peek(cursor), 'sections are nested too deeply');
    unit.sectionStack.push({ section: unit.section, previous: unit.previous });
    switchTo(unit, openSection(unit, cursor));
  }),
  directive('.popsection', '', 'Returns to the section before .pushsection.', (unit, cursor) => {
    const saved = unit.sectionStack.pop();
    if (saved === undefined) throw unexpected(cursor, 'a `.pushsection` before `.popsection`');
    unit.section = saved.section;
    unit.previous = saved.previous;
  }),
  directive('.previous', '', 'Returns to the section before this one.', (unit) => switchTo(unit, unit.previous)),
  directive('.subsection', 'number', 'Not available: subsections.', (_unit, cursor) => {
    const token = next(cursor);
    throw mistakeAt(token, 'subsections are not available', 'use a section with a name of its own');
  }),
];
