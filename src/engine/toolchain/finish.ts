/** The end of a source: layout, then fixups become bytes or relocations, and symbols get their places. */
import { fieldHolds, insertField } from '../isa/encoding.ts';
import { instructionByName } from '../isa/instructions.ts';
import type { Span } from './diagnostics.ts';
import { rangeMistake } from './emit.ts';
import { evaluate, offsetOf, type Value } from './evaluate.ts';
import type { Node } from './expression.ts';
import { layOut } from './layout.ts';
import { leb128Bytes } from './leb128.ts';
import type {
  CallFrame,
  ObjectFile,
  ObjectLine,
  ObjectSection,
  ObjectSymbol,
  Place,
  Relocation,
  SectionGroup,
} from './object.ts';
import type { RelocationName } from './relocations.ts';
import { emitTail, type Fragment, type Section, sameLocation, type Tail } from './sections.ts';
import { didYouMean } from './suggest.ts';
import type { AssemblySymbol } from './symbols.ts';
import { definedNames, type Unit } from './unit.ts';

interface Output {
  readonly unit: Unit;
  /** Sections by their index in the object. */
  readonly sections: readonly Section[];
  readonly symbols: ObjectSymbol[];
  readonly indexes: Map<AssemblySymbol, number>;
}

interface SectionOutput {
  readonly section: Section;
  readonly bytes: Uint8Array;
  readonly relocations: Relocation[];
}

export function finishObject(unit: Unit): ObjectFile {
  const sections = [...unit.sections.values()];
  for (const section of sections) padCode(section);
  const fine = layOut(sections, unit.reporter);
  if (!fine) unit.broken = true;
  const output: Output = { unit, sections, symbols: [], indexes: new Map() };
  for (const symbol of unit.defined) symbolIndex(output, symbol);
  const finished = unit.broken ? [] : sections.map((section) => finishSection(output, section));
  const groups = groupsOf(sections);
  return {
    name: unit.file,
    sections: finished,
    symbols: output.symbols,
    ...(groups.length > 0 && { groups }),
    ...(unit.files.size > 0 && { files: filesOf(unit) }),
    ...(unit.callFrames.length > 0 && { frames: framesOf(unit, sections) }),
    compressed: unit.compressed,
  };
}

/** By number; what has none is named after the source. */
function filesOf({ files, file }: Unit): string[] {
  const last = Math.max(...[...files.keys()].map(Number));
  return Array.from({ length: Math.min(last, maxFiles) + 1 }, (_, number) => files.get(String(number)) ?? file);
}

const maxFiles = 65_535;

/** A function that no directive ends goes to the end of its section. */
function framesOf({ callFrames }: Unit, sections: readonly Section[]): CallFrame[] {
  return callFrames.map(({ section, start, end, rules }) => ({
    section: sections.indexOf(section),
    start: offsetOf(start),
    end: end === undefined ? section.size : offsetOf(end),
    rules: rules
      .filter(({ fragment }) => fragment.section === section)
      .map((rule) => ({ offset: offsetOf(rule), bytes: rule.bytes })),
  }));
}

function groupsOf(sections: readonly Section[]): SectionGroup[] {
  const members = new Map<string, number[]>();
  sections.forEach(({ group }, index) => {
    if (group !== undefined) members.set(group, [...(members.get(group) ?? []), index]);
  });
  return [...members].map(([signature, indexes]) => ({ signature, sections: indexes }));
}

/** Code sections end at a multiple of their alignment, as in GNU as: whatever comes behind needs no other padding. */
function padCode(section: Section): void {
  const { alignment, flags } = section;
  const empty = section.used === 0 && section.fragments.length === 1;
  if (!flags.execute || empty || alignment === 1) return;
  emitTail(section, { kind: 'align', alignment, fill: undefined, fillBytes: 1, most: 0 });
}

/** The symbol's index in the object; it is added on first use. */
function symbolIndex(output: Output, symbol: AssemblySymbol): number {
  const known = output.indexes.get(symbol);
  if (known !== undefined) return known;
  const index = output.symbols.length;
  output.indexes.set(symbol, index);
  const { name, binding, kind, hidden, visibility } = symbol;
  const at = symbol.definedAt ?? symbol.boundAt;
  const size = symbol.size === undefined ? 0 : Number(numberOf(symbol.size) ?? 0n);
  const shared = { name, binding, hidden, size, ...(at === undefined ? {} : { at }) };
  const place = placeOf(output, symbol);
  const inThread = place.kind === 'section' && output.sections[place.section]?.flags.thread === true;
  output.symbols.push({
    ...shared,
    kind: inThread ? 'thread' : kind,
    ...(visibility !== 'default' && { visibility }),
    place,
  });
  return index;
}

function numberOf(node: Node): bigint | undefined {
  const result = evaluate(node, true);
  if (result.kind !== 'value' || result.value.plus !== undefined || result.value.minus !== undefined) return undefined;
  return result.value.number;
}

function placeOf(output: Output, symbol: AssemblySymbol): Place {
  const { definition } = symbol;
  if (definition === undefined) return { kind: 'undefined' };
  if (definition.kind === 'common') return definition;
  if (definition.kind === 'label') {
    const section = output.sections.indexOf(definition.fragment.section);
    return { kind: 'section', section, offset: offsetOf(definition) };
  }
  const result = evaluate(definition.value, true);
  const at = symbol.definedAt;
  const { reporter } = output.unit;
  if (result.kind !== 'value') {
    if (at !== undefined)
      reporter.error(at, result.kind === 'error' ? result.message : `\`${symbol.name}\` has no value`);
    return { kind: 'absolute', value: 0n };
  }
  const { plus, minus, number } = result.value;
  if (plus === undefined && minus === undefined) return { kind: 'absolute', value: BigInt.asUintN(64, number) };
  const target = plus?.definition;
  if (target?.kind === 'label' && minus === undefined) {
    const section = output.sections.indexOf(target.fragment.section);
    return { kind: 'section', section, offset: offsetOf(target) + Number(number) };
  }
  const other = (plus ?? minus)?.name ?? '';
  if (at !== undefined) {
    const hint = `define \`${other}\` in this file`;
    reporter.error(at, `\`${symbol.name}\` cannot be made from \`${other}\`, which is not defined here`, hint);
  }
  return { kind: 'absolute', value: 0n };
}

function finishSection(output: Output, section: Section): ObjectSection {
  const { nobits } = section.flags;
  const bytes = new Uint8Array(nobits ? 0 : section.size);
  const result: SectionOutput = { section, bytes, relocations: [] };
  if (!nobits) {
    for (const fragment of section.fragments) {
      bytes.set(section.buffer.subarray(fragment.start, fragment.start + fragment.length), fragment.offset);
      if (fragment.tail !== undefined) finishTail(output, result, fragment, fragment.tail);
    }
    for (const fixup of section.fixups) {
      const offset = offsetOf(fixup);
      if (fixup.patch.kind === 'data') finishData(output, result, offset, fixup.patch.bytes, fixup.value, fixup.at);
      else if (fixup.patch.kind === 'immediate') {
        finishImmediate(output, result, offset, fixup.patch.mnemonic, fixup.value, fixup.at);
      } else relocate(output, result, offset, fixup.patch.type, fixup.value, fixup.at);
    }
    result.relocations.sort((a, b) => a.offset - b.offset);
  }
  const { name, flags, role, alignment, size } = section;
  return {
    name,
    flags,
    ...(role && { role }),
    alignment,
    size,
    bytes,
    relocations: result.relocations,
    lines: finishLines(section),
  };
}

function finishLines(section: Section): ObjectLine[] {
  const lines: ObjectLine[] = [];
  for (const mark of section.marks) {
    const offset = offsetOf(mark);
    if (lines.at(-1)?.offset === offset) lines.pop();
    const last = lines.at(-1);
    const { fragment: _fragment, ...location } = mark;
    if (last === undefined || !sameLocation(last, location)) lines.push({ ...location, offset });
  }
  return lines;
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  for (let index = 0; index < 4; index++) bytes[at + index] = (word >>> (8 * index)) & 0xff;
}

const nop = 0x13;
/** `c.nop`, of which the other byte is zero. */
const shortNop = 0x01;
/** The bit of funct3 that turns a branch's condition around: beq/bne, blt/bge, bltu/bgeu. */
const invertBranch = 0x1000;
/** `imm` = 8 in a branch: over the jump behind it. */
const overJump = 0x400;
const jumpWord = instructionByName('jal')?.encoding.match ?? 0;

function finishTail(output: Output, result: SectionOutput, fragment: Fragment, tail: Tail): void {
  const { bytes, section } = result;
  const at = fragment.offset + fragment.length;
  const end = at + fragment.tailSize;
  switch (tail.kind) {
    case 'align':
      fillAlignment(bytes, at, end, tail, section.flags.execute);
      return;
    case 'space':
    case 'org':
      if (tail.fill !== 0) bytes.fill(tail.fill, at, end);
      return;
    case 'branch':
      if (fragment.tailSize === 4) {
        writeWord(bytes, at, tail.word);
        relocate(output, result, at, 'R_RISCV_BRANCH', tail.target, tail.at);
      } else {
        writeWord(bytes, at, ((tail.word ^ invertBranch) | overJump) >>> 0);
        writeWord(bytes, at + 4, jumpWord);
        relocate(output, result, at + 4, 'R_RISCV_JAL', tail.target, tail.at);
      }
      return;
    case 'leb128':
      bytes.set(leb128Bytes(numberOf(tail.value) ?? 0n, tail.signed), at);
  }
}

/** As GNU as pads code: a zero byte, a two-byte no-operation and four-byte ones, each as far as it is needed. */
function fillNops(bytes: Uint8Array, at: number, end: number): void {
  const even = at + ((end - at) % 2);
  const first = even + ((end - even) % 4);
  if (first > even) bytes[even] = shortNop;
  for (let word = first; word < end; word += 4) writeWord(bytes, word, nop);
}

function fillAlignment(
  bytes: Uint8Array,
  at: number,
  end: number,
  tail: Tail & { kind: 'align' },
  code: boolean,
): void {
  if (tail.fill === undefined) {
    if (code) fillNops(bytes, at, end);
    return;
  }
  const first = at + ((end - at) % tail.fillBytes);
  for (let index = first; index < end; index++) {
    bytes[index] = (tail.fill >>> (8 * ((index - first) % tail.fillBytes))) & 0xff;
  }
}

/** The value of a fixup, or undefined after an error has been told. */
function settle(output: Output, node: Node, at: Span): Value | undefined {
  const result = evaluate(node, true);
  if (result.kind === 'value') return result.value;
  output.unit.reporter.error(at, result.kind === 'error' ? result.message : 'this value is not known');
  return undefined;
}

function relocate(
  output: Output,
  result: SectionOutput,
  offset: number,
  type: RelocationName,
  node: Node,
  at: Span,
): void {
  const value = settle(output, node, at);
  if (value === undefined) return;
  if (value.minus !== undefined) {
    output.unit.reporter.error(at, `the distance to \`${value.minus.name}\` is not known here`);
    return;
  }
  const symbol = value.plus === undefined ? undefined : symbolIndex(output, value.plus);
  result.relocations.push({ offset, type, symbol, addend: value.number, at });
}

const addressTypes: Readonly<Record<number, RelocationName>> = { 4: 'R_RISCV_32', 8: 'R_RISCV_64' };
const addTypes = { 1: 'R_RISCV_ADD8', 2: 'R_RISCV_ADD16', 4: 'R_RISCV_ADD32', 8: 'R_RISCV_ADD64' } as const;
const subtractTypes = { 1: 'R_RISCV_SUB8', 2: 'R_RISCV_SUB16', 4: 'R_RISCV_SUB32', 8: 'R_RISCV_SUB64' } as const;

function finishData(
  output: Output,
  result: SectionOutput,
  offset: number,
  bytes: 1 | 2 | 4 | 8,
  node: Node,
  at: Span,
): void {
  const value = settle(output, node, at);
  if (value === undefined) return;
  const { reporter } = output.unit;
  const { plus, minus, number } = value;
  if (plus === undefined && minus === undefined) {
    const bits = BigInt(8 * bytes);
    const fits = bytes === 8 || (number >= -(1n << (bits - 1n)) && number < 1n << bits);
    if (!fits) reporter.warn(at, `the value ${number} does not fit in ${bits} bits; its low bits are kept`);
    for (let index = 0; index < bytes; index++)
      result.bytes[offset + index] = Number((number >> BigInt(8 * index)) & 0xffn);
  } else if (plus !== undefined && minus !== undefined) {
    const added = { offset, type: addTypes[bytes], symbol: symbolIndex(output, plus), addend: number, at };
    const subtracted = { offset, type: subtractTypes[bytes], symbol: symbolIndex(output, minus), addend: 0n, at };
    result.relocations.push(added, subtracted);
  } else if (plus !== undefined) {
    const type = addressTypes[bytes];
    if (type === undefined) {
      const message = `the address \`${plus.name}\` does not fit in ${bytes === 1 ? 'a byte' : 'two bytes'}`;
      reporter.error(at, message, 'addresses take `.dword`');
    } else result.relocations.push({ offset, type, symbol: symbolIndex(output, plus), addend: number, at });
  } else reporter.error(at, `an address cannot be negated (\`${minus?.name}\`)`);
}

function finishImmediate(
  output: Output,
  result: SectionOutput,
  offset: number,
  mnemonic: string,
  node: Node,
  at: Span,
): void {
  const value = settle(output, node, at);
  const row = instructionByName(mnemonic);
  const field = row?.encoding.fields.find((each) => each.name === 'imm');
  if (value === undefined || row === undefined || field === undefined) return;
  const { reporter } = output.unit;
  const symbol = value.plus ?? value.minus;
  if (symbol !== undefined) {
    const undefinedHere = symbol.definition === undefined;
    const what = undefinedHere ? 'is not defined in this file' : 'is the address of a label';
    const hint = undefinedHere
      ? (didYouMean(symbol.name, definedNames(output.unit)) ?? `define it: .equ ${symbol.name}, value`)
      : `for an address, use \`la\`, or \`%lo(${symbol.name})\``;
    reporter.error(at, `a number is needed here, and \`${symbol.name}\` ${what}`, hint);
    return;
  }
  if (!fieldHolds(field, Number(value.number))) {
    const mistake = rangeMistake(row, field, value.number, 0, 0);
    reporter.error(at, mistake.message, mistake.hint);
    return;
  }
  let word = 0;
  for (let index = 3; index >= 0; index--) word = (word * 256 + (result.bytes[offset + index] ?? 0)) >>> 0;
  writeWord(result.bytes, offset, insertField(word, field, Number(value.number)));
}
