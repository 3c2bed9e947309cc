/** Call-frame information: how to find a function's caller from any of its instructions. DWARF 5, §6.4. */
import { frameOps } from '../../dwarf.ts';
import type { CallFrame } from '../object.ts';
import { type DebugSection, Draft, little, signed, unsigned } from './draft.ts';

/** What offsets of saved registers are counted in. */
export const dataAlignment = -4;
const returnAddress = 1;
const stackPointer = 2;

function padded(draft: Draft, end: () => void, from: number): void {
  while ((draft.bytes.length - from) % 8 !== 0) draft.put(frameOps.nop);
  end();
}

/** At the entry of a function the frame is the caller's. */
function writeCommon(draft: Draft): void {
  const from = draft.bytes.length;
  const end = draft.length();
  draft.put(...little(0xffffffff, 4), 4, 0, 8, 0, 1, ...signed(dataAlignment), returnAddress);
  draft.put(frameOps.defCfa, stackPointer, 0);
  padded(draft, end, from);
}

function advance(by: number): number[] {
  if (by === 0) return [];
  if (by < 64) return [frameOps.advance | by];
  if (by < 256) return [frameOps.advance1, by];
  return by < 65536 ? [frameOps.advance2, ...little(by, 2)] : [frameOps.advance4, ...little(by, 4)];
}

function writeFrame(draft: Draft, { section, start, end, rules }: CallFrame): void {
  const from = draft.bytes.length;
  const finish = draft.length();
  draft.table('.debug_frame');
  draft.code(section, start);
  draft.put(...little(end - start, 8));
  let place = start;
  for (const { offset, bytes } of rules) {
    draft.put(...advance(offset - place), ...bytes);
    place = offset;
  }
  padded(draft, finish, from);
}

export function frameTable(frames: readonly CallFrame[]): DebugSection {
  const draft = new Draft();
  writeCommon(draft);
  for (const frame of frames) writeFrame(draft, frame);
  return draft.section('.debug_frame');
}

/** The bytes of a rule, by the directive of the assembler without its `.cfi_`; undefined for one that there is not. */
export function frameRule(name: string, operands: readonly number[]): number[] | undefined {
  const [first = 0, second = 0] = operands;
  switch (name) {
    case 'def_cfa':
      return [frameOps.defCfa, ...unsigned(first), ...unsigned(second)];
    case 'def_cfa_register':
      return [frameOps.defCfaRegister, ...unsigned(first)];
    case 'def_cfa_offset':
      return [frameOps.defCfaOffset, ...unsigned(first)];
    case 'offset':
      return savedAt(first, second / dataAlignment);
    case 'restore':
      return first < 64 ? [frameOps.restore | first] : [frameOps.restoreExtended, ...unsigned(first)];
    case 'undefined':
      return [frameOps.undefined, ...unsigned(first)];
    case 'same_value':
      return [frameOps.sameValue, ...unsigned(first)];
    case 'register':
      return [frameOps.register, ...unsigned(first), ...unsigned(second)];
    case 'remember_state':
      return [frameOps.remember];
    case 'restore_state':
      return [frameOps.restoreState];
    default:
      return undefined;
  }
}

function savedAt(register: number, factored: number): number[] {
  if (factored < 0) return [frameOps.offsetSigned, ...unsigned(register), ...signed(factored)];
  if (register >= 64) return [frameOps.offsetExtended, ...unsigned(register), ...unsigned(factored)];
  return [frameOps.offset | register, ...unsigned(factored)];
}
