/** The shapes of entries. DWARF 5, §7.5.3. */
import { forms } from '../dwarf.ts';
import { Reader } from './reader.ts';

export interface AbbreviatedAttribute {
  readonly name: number;
  readonly form: number;
  /** Of `DW_FORM_implicit_const`. */
  readonly implicit: bigint;
}

export interface Abbreviation {
  readonly tag: number;
  readonly children: boolean;
  readonly attributes: readonly AbbreviatedAttribute[];
}

function readAttributes(reader: Reader): AbbreviatedAttribute[] {
  const list: AbbreviatedAttribute[] = [];
  while (!reader.done) {
    const name = reader.small();
    const form = reader.small();
    if (name === 0 && form === 0) break;
    list.push({ name, form, implicit: form === forms.implicit ? reader.signedLeb() : 0n });
  }
  return list;
}

export function readAbbreviations(bytes: Uint8Array, offset: number): ReadonlyMap<number, Abbreviation> {
  const reader = new Reader(bytes, offset);
  const table = new Map<number, Abbreviation>();
  while (!reader.done) {
    const code = reader.small();
    if (code === 0) break;
    const tag = reader.small();
    const children = reader.u8() === 1;
    table.set(code, { tag, children, attributes: readAttributes(reader) });
  }
  return table;
}
