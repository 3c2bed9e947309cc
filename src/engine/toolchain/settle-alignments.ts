/**
 * Honours `R_RISCV_ALIGN` without relaxing. Where an object may be relaxed, the assembler leaves as much padding as could
 * ever be needed and asks the linker to remove the rest. A section is aligned at least as far as anything in it, so what
 * is needed follows from offsets alone. RISC-V psABI 1.0, "Alignment Relaxation".
 */
import type { ObjectFile, ObjectSection, ObjectSymbol, Relocation } from './object.ts';

/** Bytes that go, in rising order of offset. */
interface Cut {
  readonly at: number;
  readonly count: number;
  /** What is left of the padding, before them. */
  readonly kept: number;
  /** Bytes that earlier cuts take. */
  readonly before: number;
}

/** Padding of `n` bytes is for the next power of two above it. */
function alignmentFor(padding: number): number {
  let alignment = 1;
  while (alignment <= padding) alignment *= 2;
  return alignment;
}

function findCuts(section: ObjectSection): Cut[] {
  const cuts: Cut[] = [];
  let removed = 0;
  let end = 0;
  for (const { type, offset, addend } of section.relocations) {
    const fits = addend > 0n && offset >= end && addend <= BigInt(section.bytes.length - offset);
    if (type !== 'R_RISCV_ALIGN' || !fits) continue;
    const padding = Number(addend);
    const alignment = alignmentFor(padding);
    const kept = (alignment - ((offset - removed) % alignment)) % alignment;
    const count = padding - kept;
    end = offset + padding;
    if (count <= 0) continue;
    cuts.push({ at: offset + kept, count, kept, before: removed });
    removed += count;
  }
  return cuts;
}

/** Where the byte at `offset` comes to lie; a cut byte, where the cut was. */
function moved(cuts: readonly Cut[], offset: number): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cuts[middle]?.at ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  const last = cuts[low - 1];
  return last === undefined ? offset : offset - last.before - Math.min(last.count, offset - last.at);
}

function removeBytes(bytes: Uint8Array, cuts: readonly Cut[]): Uint8Array {
  const total = cuts.reduce((sum, { count }) => sum + count, 0);
  const result = new Uint8Array(bytes.length - total);
  let from = 0;
  let to = 0;
  for (const { at, count } of cuts) {
    result.set(bytes.subarray(from, at), to);
    to += at - from;
    from = at + count;
  }
  result.set(bytes.subarray(from), to);
  return result;
}

/** What is left of the padding may end in half an instruction: it is written anew. */
function writePadding(bytes: Uint8Array, cuts: readonly Cut[]): void {
  for (const { at, kept, before } of cuts) {
    const end = at - before;
    for (let word = end - kept; word + 1 < end; word += 2) {
      const whole = word + 4 <= end;
      bytes.set(whole ? [0x13, 0, 0, 0] : [0x01, 0], word);
      if (whole) word += 2;
    }
  }
}

function settleSection(section: ObjectSection, cuts: readonly Cut[]): ObjectSection {
  if (cuts.length === 0) return section;
  const bytes = removeBytes(section.bytes, cuts);
  writePadding(bytes, cuts);
  const relocations = section.relocations
    .filter(({ type }) => type !== 'R_RISCV_ALIGN')
    .map((each) => ({ ...each, offset: moved(cuts, each.offset) }));
  return { ...section, bytes, size: bytes.length, relocations };
}

function settleSymbol(symbol: ObjectSymbol, cutsOf: readonly (readonly Cut[])[]): ObjectSymbol {
  const { place } = symbol;
  const cuts = place.kind === 'section' ? cutsOf[place.section] : undefined;
  if (place.kind !== 'section' || cuts === undefined || cuts.length === 0) return symbol;
  const offset = moved(cuts, place.offset);
  const size = moved(cuts, place.offset + symbol.size) - offset;
  return { ...symbol, place: { ...place, offset }, size };
}

/** Behind the symbol of a section the addend is an offset in it, and moves; behind any other it is just a number. */
function settleAddend(
  relocation: Relocation,
  { symbols, sections }: ObjectFile,
  cutsOf: readonly (readonly Cut[])[],
): Relocation {
  const { symbol: index, addend, type } = relocation;
  const symbol = symbols[index ?? -1];
  if (symbol?.place.kind !== 'section' || addend <= 0n || type === 'R_RISCV_ALIGN') return relocation;
  const cuts = cutsOf[symbol.place.section] ?? [];
  const ofSection = symbol.hidden && symbol.name === sections[symbol.place.section]?.name;
  return ofSection ? { ...relocation, addend: BigInt(moved(cuts, Number(addend))) } : relocation;
}

export function settleAlignments(object: ObjectFile): ObjectFile {
  const cutsOf = object.sections.map(findCuts);
  if (cutsOf.every((cuts) => cuts.length === 0)) return object;
  const { symbols } = object;
  const sections = object.sections.map((section, index) => {
    const relocations = section.relocations.map((each) => settleAddend(each, object, cutsOf));
    return settleSection({ ...section, relocations }, cutsOf[index] ?? []);
  });
  return { ...object, sections, symbols: symbols.map((symbol) => settleSymbol(symbol, cutsOf)) };
}
