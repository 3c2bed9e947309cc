/** Debugging information entries as data, and as assembly. DWARF 5, §2.1 and §7.5. */
import { attributes, forms, tags } from '../../../dwarf.ts';
import { leb128Bytes } from '../../leb128.ts';

/** A label, or a symbol with an offset, that the assembler and the linker know the address of. */
export interface Reference {
  readonly label: string;
  readonly offset?: bigint;
}

/** Bytes of an expression, among which addresses may stand. */
export type Expression = readonly (number | Reference)[];

export type AttributeValue =
  | { readonly form: 'string'; readonly text: string }
  | { readonly form: 'unsigned' | 'signed'; readonly number: bigint | number }
  | { readonly form: 'data2'; readonly number: number }
  | { readonly form: 'present' }
  | { readonly form: 'reference4'; readonly entry: Entry }
  | { readonly form: 'address'; readonly at: Reference }
  /** An offset in another debug section. */
  | { readonly form: 'sectionOffset'; readonly label: string }
  | { readonly form: 'expression'; readonly expression: Expression };

export interface Entry {
  readonly tag: keyof typeof tags;
  readonly attributes: (readonly [keyof typeof attributes, AttributeValue])[];
  readonly children: Entry[];
}

export const createEntry = (tag: Entry['tag'], ...list: Entry['attributes']): Entry => ({
  tag,
  attributes: list,
  children: [],
});

export const text = (value: string): AttributeValue => ({ form: 'string', text: value });
export const count = (number: number | bigint): AttributeValue => ({ form: 'unsigned', number });
export const signedNumber = (number: number | bigint): AttributeValue => ({ form: 'signed', number });
export const present: AttributeValue = { form: 'present' };
export const refer = (entry: Entry): AttributeValue => ({ form: 'reference4', entry });
export const address = (label: string, offset = 0n): AttributeValue => ({ form: 'address', at: { label, offset } });
export const inSection = (label: string): AttributeValue => ({ form: 'sectionOffset', label });
export const expression = (value: Expression): AttributeValue => ({ form: 'expression', expression: value });

const unsignedBytes = (value: number | bigint): number[] => leb128Bytes(BigInt(value), false);

const expressionSize = (value: Expression): number =>
  value.reduce<number>((all, each) => all + (typeof each === 'number' ? 1 : 8), 0);

const encoder = new TextEncoder();

function sizeOf(value: AttributeValue): number {
  switch (value.form) {
    case 'string':
      return encoder.encode(value.text).length + 1;
    case 'unsigned':
    case 'signed':
      return leb128Bytes(BigInt(value.number), value.form === 'signed').length;
    case 'data2':
      return 2;
    case 'present':
      return 0;
    case 'address':
      return 8;
    case 'expression': {
      const size = expressionSize(value.expression);
      return size + unsignedBytes(size).length;
    }
    default:
      return 4;
  }
}

interface Numbered {
  readonly abbreviations: Map<string, number>;
  readonly offsets: Map<Entry, number>;
}

const abbreviationOf = ({ tag, attributes: list, children }: Entry): string =>
  [tag, children.length > 0, ...list.map(([name, { form }]) => `${name}=${form}`)].join(' ');

function number({ abbreviations, offsets }: Numbered, entry: Entry, from: number): number {
  const key = abbreviationOf(entry);
  const code = abbreviations.get(key) ?? abbreviations.size + 1;
  abbreviations.set(key, code);
  offsets.set(entry, from);
  let at = from + unsignedBytes(code).length;
  for (const [, value] of entry.attributes) at += sizeOf(value);
  for (const child of entry.children) at = number({ abbreviations, offsets }, child, at);
  return entry.children.length > 0 ? at + 1 : at;
}

/** Lines of assembly, with bytes in a row put together. */
export class Lines {
  readonly lines: string[] = [];
  private pending: number[] = [];

  bytes(...values: readonly number[]): void {
    for (const value of values) this.pending.push(value);
  }

  line(line: string): void {
    this.flush();
    this.lines.push(`\t${line}`);
  }

  label(label: string): void {
    this.flush();
    this.lines.push(`${label}:`);
  }

  reference({ label, offset = 0n }: Reference): void {
    this.line(`.8byte ${label}${offset === 0n ? '' : offset < 0n ? offset : `+${offset}`}`);
  }

  expression(value: Expression): void {
    this.bytes(...unsignedBytes(expressionSize(value)));
    for (const each of value) {
      if (typeof each === 'number') this.bytes(each);
      else this.reference(each);
    }
  }

  flush(comment = ''): void {
    if (this.pending.length > 0) this.lines.push(`\t.byte ${this.pending.join(',')}${comment}`);
    this.pending = [];
  }
}

/** What readers of assembly cannot break lines at. */
const quoted = (value: string): string => `"${value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`;

function writeValue(lines: Lines, { offsets }: Numbered, value: AttributeValue): void {
  switch (value.form) {
    case 'string':
      lines.line(`.asciz ${quoted(value.text)}`);
      break;
    case 'unsigned':
    case 'signed':
      lines.bytes(...leb128Bytes(BigInt(value.number), value.form === 'signed'));
      break;
    case 'data2':
      lines.bytes(value.number & 0xff, value.number >> 8);
      break;
    case 'present':
      break;
    case 'reference4': {
      const at = offsets.get(value.entry) ?? 0;
      lines.bytes(at & 0xff, (at >> 8) & 0xff, (at >> 16) & 0xff, at >>> 24);
      break;
    }
    case 'address':
      lines.reference(value.at);
      break;
    case 'sectionOffset':
      lines.line(`.4byte ${value.label}`);
      break;
    case 'expression':
      lines.expression(value.expression);
      break;
  }
}

function writeEntry(lines: Lines, numbered: Numbered, entry: Entry): void {
  lines.flush();
  lines.bytes(...unsignedBytes(numbered.abbreviations.get(abbreviationOf(entry)) ?? 0));
  lines.flush(`\t# ${entry.tag}`);
  for (const [, value] of entry.attributes) writeValue(lines, numbered, value);
  for (const child of entry.children) writeEntry(lines, numbered, child);
  if (entry.children.length > 0) lines.bytes(0);
}

function writeAbbreviations(lines: Lines, { abbreviations }: Numbered): void {
  for (const [key, code] of abbreviations) {
    const [tag = '', children, ...list] = key.split(' ');
    lines.bytes(...unsignedBytes(code), ...unsignedBytes(tags[tag as keyof typeof tags]), children === 'true' ? 1 : 0);
    for (const each of list) {
      const [name = '', form = ''] = each.split('=');
      lines.bytes(...unsignedBytes(attributes[name as keyof typeof attributes]), forms[form as keyof typeof forms]);
    }
    lines.bytes(0, 0);
    lines.flush();
  }
  lines.bytes(0);
  lines.flush();
}

/** Of the unit's header: length, version, type, size of addresses, offset of the abbreviations. */
const headerSize = 12;

/** `.debug_info` and `.debug_abbrev` of one unit. */
export function unitLines(unit: Entry): string[] {
  const numbered: Numbered = { abbreviations: new Map(), offsets: new Map() };
  const end = number(numbered, unit, headerSize);
  const lines = new Lines();
  lines.line('.section .debug_abbrev,"",@progbits');
  lines.label('.Ldebug_abbrev');
  writeAbbreviations(lines, numbered);
  lines.line('.section .debug_info,"",@progbits');
  lines.line(`.4byte ${end - 4}`);
  lines.bytes(5, 0, 1, 8);
  lines.line('.4byte .Ldebug_abbrev');
  writeEntry(lines, numbered, unit);
  lines.flush();
  return lines.lines;
}
