/** Directives that choose the section. */
import { accept, atEnd, type Cursor, mistakeAt, next, peek, sees, unexpected } from '../cursor.ts';
import { createSection, type Section, type SectionFlags } from '../sections.ts';
import { stringBytes } from '../tokens.ts';
import type { Unit } from '../unit.ts';
import { expressionAt, optional } from './arguments.ts';
import { type Directive, directive } from './directive.ts';

/** Sections of the same name in different groups are different ones. */
export function sectionNamed(unit: Unit, name: string, group?: string): Section {
  const key = group === undefined ? name : `${name}\n${group}`;
  const known = unit.sections.get(key);
  if (known !== undefined) return known;
  const section = createSection(name, group);
  unit.sections.set(key, section);
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

interface GivenFlags {
  readonly flags: SectionFlags;
  readonly grouped: boolean;
  readonly merged: boolean;
}

function parseFlags(cursor: Cursor): GivenFlags {
  const token = next(cursor);
  const letters = new TextDecoder().decode(stringBytes(token));
  const foreign = /[^awxMSGTodeR?0-9]/.exec(letters)?.[0];
  if (foreign !== undefined) {
    throw mistakeAt(token, `\`${foreign}\` is not a section flag`, '`a` is loaded, `w` writable, `x` executable');
  }
  const flags = {
    alloc: letters.includes('a'),
    write: letters.includes('w'),
    execute: letters.includes('x'),
    nobits: false,
    ...(letters.includes('T') && { thread: true }),
  };
  return { flags, grouped: letters.includes('G'), merged: letters.includes('M') };
}

const roles = ['note', 'init_array', 'fini_array', 'preinit_array'] as const;
const types: readonly string[] = ['progbits', 'nobits', ...roles];

/** `@nobits`, `%nobits` or `"nobits"`. */
function typeAt(cursor: Cursor): string | undefined {
  if (!accept(cursor, '@')) accept(cursor, '%');
  const token = next(cursor);
  const name = token.kind === 'string' ? token.text.slice(1, -1) : token.text;
  if (!types.includes(name))
    throw mistakeAt(token, `\`${name}\` is not a section type`, 'use `@progbits` or `@nobits`');
  return name;
}

/** `,group,comdat`, behind the size of entries if they may be merged (which is not done). */
function groupAt(unit: Unit, cursor: Cursor, given: GivenFlags | undefined): string | undefined {
  if (given?.merged === true && accept(cursor, ',')) expressionAt(unit, cursor);
  if (given?.grouped !== true || !accept(cursor, ',')) return undefined;
  const signature = nameAt(cursor);
  if (accept(cursor, ',')) nameAt(cursor);
  return signature;
}

function openSection(unit: Unit, cursor: Cursor): Section {
  const name = nameAt(cursor);
  const given = optional(cursor, () => {
    if (peek(cursor).kind !== 'string') throw unexpected(cursor, 'the flags in quotes', 'for example `"ax"`');
    return parseFlags(cursor);
  });
  const type = optional(cursor, () => typeAt(cursor));
  const section = sectionNamed(unit, name, groupAt(unit, cursor, given));
  // What else follows changes nothing that is kept.
  while (accept(cursor, ',')) expressionAt(unit, cursor);
  if (given !== undefined) {
    const nobits = type === 'nobits' || (type === undefined && section.flags.nobits);
    section.flags = { ...given.flags, nobits };
    section.explicit = true;
  }
  section.role = roles.find((role) => role === type) ?? section.role;
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
