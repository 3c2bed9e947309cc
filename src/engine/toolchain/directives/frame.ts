/** Call-frame information: the `.cfi_` directives, which say how a debugger finds the caller. GNU as manual, "CFI directives". */
import { floatRegisterNumber, registerNumber } from '../../isa/registers.ts';
import { accept, atEnd, type Cursor, mistakeAt, next, peek, restText } from '../cursor.ts';
import { frameRule } from '../dwarf/frame-table.ts';
import { here } from '../sections.ts';
import type { FrameDraft, Unit } from '../unit.ts';
import { constantAt } from './arguments.ts';
import { type Directive, directive } from './directive.ts';

/** As DWARF numbers them: integer ones from 0, floating ones from 32 (psABI, "DWARF Register Numbers"). */
function registerAt(unit: Unit, cursor: Cursor): number {
  const { text, kind } = peek(cursor);
  if (kind !== 'name') return Number(constantAt(unit, cursor, 'the register'));
  const float = floatRegisterNumber(text);
  const number = registerNumber(text) ?? (float === undefined ? undefined : float + 32);
  if (number === undefined) throw mistakeAt(peek(cursor), `\`${text}\` is not a register`);
  next(cursor);
  return number;
}

function openFrame(unit: Unit, cursor: Cursor): FrameDraft {
  const frame = unit.frame;
  if (frame !== undefined) return frame;
  throw mistakeAt(peek(cursor), 'this stands outside of a function', 'write `.cfi_startproc` before it');
}

type Operand = 'register' | 'number';

function rule(name: string, operands: readonly Operand[], summary: string): Directive {
  const syntax = operands.join(', ');
  return directive(`.cfi_${name}`, syntax, summary, (unit, cursor) => {
    const frame = openFrame(unit, cursor);
    const values = operands.map((operand, index) => {
      if (index > 0) accept(cursor, ',');
      return operand === 'register' ? registerAt(unit, cursor) : Number(constantAt(unit, cursor, 'the offset'));
    });
    addRule(unit, frame, name, values);
  });
}

function addRule(unit: Unit, frame: FrameDraft, name: string, values: readonly number[]): void {
  if (name === 'def_cfa' || name === 'def_cfa_offset') frame.cfaOffset = values.at(-1) ?? 0;
  const bytes = frameRule(name, values);
  if (bytes !== undefined) frame.rules.push({ ...here(unit.section), bytes });
}

function start(unit: Unit, cursor: Cursor): void {
  if (unit.frame !== undefined) throw mistakeAt(peek(cursor), 'the function before it has no `.cfi_endproc`');
  while (!atEnd(cursor)) next(cursor);
  unit.frame = { section: unit.section, start: here(unit.section), end: undefined, rules: [], cfaOffset: 0 };
  unit.callFrames.push(unit.frame);
}

function end(unit: Unit, cursor: Cursor): void {
  const frame = openFrame(unit, cursor);
  frame.end = here(unit.section);
  unit.frame = undefined;
}

function adjust(unit: Unit, cursor: Cursor): void {
  const frame = openFrame(unit, cursor);
  const by = Number(constantAt(unit, cursor, 'the offset'));
  addRule(unit, frame, 'def_cfa_offset', [frame.cfaOffset + by]);
}

/** Relative to where the frame's address is counted from. */
function relative(unit: Unit, cursor: Cursor): void {
  const frame = openFrame(unit, cursor);
  const register = registerAt(unit, cursor);
  accept(cursor, ',');
  addRule(unit, frame, 'offset', [register, Number(constantAt(unit, cursor, 'the offset')) - frame.cfaOffset]);
}

/** Tables go to `.debug_frame`, whatever is asked for: nothing on the bare machine throws exceptions. */
const ignored = (names: string): Directive =>
  directive(names, '…', 'Accepted; it changes nothing here.', (_unit, cursor) => {
    restText(cursor);
    cursor.index = cursor.end;
  });

export const frameDirectives: readonly Directive[] = [
  directive('.cfi_startproc', '', 'A function begins, with its caller’s frame.', start),
  directive('.cfi_endproc', '', 'The function ends.', end),
  rule('def_cfa', ['register', 'number'], 'The frame’s address is a register plus a number.'),
  rule('def_cfa_register', ['register'], 'The frame’s address is counted from another register.'),
  rule('def_cfa_offset', ['number'], 'The frame’s address is so far above the register.'),
  directive('.cfi_adjust_cfa_offset', 'number', 'The frame’s address is further away by so much.', adjust),
  rule('offset', ['register', 'number'], 'The caller’s value of a register lies at the frame’s address plus a number.'),
  directive('.cfi_rel_offset', 'register, number', 'As .cfi_offset, from the register of the frame.', relative),
  rule('restore', ['register'], 'The register has its caller’s value again.'),
  rule('undefined', ['register'], 'The caller’s value is lost; for `ra`: there is no caller.'),
  rule('same_value', ['register'], 'The register has its caller’s value.'),
  rule('register', ['register', 'register'], 'The caller’s value is in another register.'),
  rule('remember_state', [], 'Remembers these rules.'),
  rule('restore_state', [], 'Returns to the rules that were remembered.'),
  ignored('.cfi_sections .cfi_signal_frame .cfi_return_column .cfi_personality .cfi_lsda .cfi_escape .cfi_window_save'),
];
