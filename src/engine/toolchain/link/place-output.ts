/** Places what is in one output section, one item after the other. */
import { addressIn, evaluate, type Scope } from './evaluate.ts';
import type { Input } from './inputs.ts';
import type { DataPiece, Gap, Piece, PlacedOutput } from './layout.ts';
import { assign, type Pass } from './layout-pass.ts';
import type { PlannedItem, PlannedOutput } from './plan.ts';
import type { RegionState } from './regions.ts';
import type { Expression, Fill } from './script/script.ts';
import { alignUp } from './values.ts';

interface Placing {
  readonly pass: Pass;
  readonly scope: Scope;
  readonly subalign: number | undefined;
  readonly pieces: Piece[];
  readonly data: DataPiece[];
  readonly gaps: Gap[];
  pattern: Uint8Array | undefined;
}

const maxAlignment = 1n << 30n;

function alignmentOf(
  node: Expression | undefined,
  pass: Pass,
  scope: Scope,
  planned: PlannedOutput,
): number | undefined {
  if (node === undefined) return undefined;
  const value = addressIn(scope, evaluate(node, scope));
  if (value > 0n && value <= maxAlignment && (value & (value - 1n)) === 0n) return Number(value);
  if (value !== 0n) pass.tell(planned.at, `the alignment is ${value}; it must be a power of two up to 1 GiB`);
  return 1;
}

const inputAlignment = ({ section }: Input, subalign: number | undefined): number => subalign ?? section.alignment;

export function placeOutput(pass: Pass, scope: Scope, planned: PlannedOutput, region: RegionState): PlacedOutput {
  // Inputs without bytes do not make an empty section a large one.
  const subalign = mayHaveSize(planned) ? alignmentOf(planned.subalign, pass, scope, planned) : 1;
  const asked = alignmentOf(planned.align, pass, scope, planned) ?? 1;
  // As in GNU ld, SUBALIGN brings inputs closer together, and leaves the section aligned as far as they would be.
  const alignment = planned.inputs.reduce(
    (most, { section }) => Math.max(most, section.alignment),
    Math.max(asked, planned.least, planned.inputs.length > 0 ? (subalign ?? 1) : 1),
  );
  const address = startAddress(scope, planned, region, alignment);
  const open = { index: pass.outputs.length, address, offset: 0n };
  pass.open = open;
  const placing: Placing = { pass, scope, subalign, pieces: [], data: [], gaps: [], pattern: undefined };
  placing.pattern = planned.fill && patternOf(planned.fill, scope);
  for (const item of planned.items) placeItem(placing, item);
  const size = Number(open.offset);
  const loadAddress = loadAddressOf(pass, scope, planned, region, { address, size, asked });
  if (planned.segments.length > 0) pass.segments = planned.segments;
  const { pieces, data, gaps } = placing;
  return { planned, address, loadAddress, size, alignment, pieces, data, gaps, segments: pass.segments };
}

/** Whether anything can give it a size: an empty section does not move what follows to its alignment. */
export const mayHaveSize = ({ inputs, items }: PlannedOutput): boolean =>
  inputs.some(({ section }) => section.size > 0) ||
  items.some((item) => item.kind === 'data' || (item.kind === 'assign' && item.target === '.'));

function startAddress(scope: Scope, planned: PlannedOutput, region: RegionState, alignment: number): bigint {
  if (planned.address !== undefined) return addressIn(scope, evaluate(planned.address, scope));
  if (!planned.flags.alloc) return 0n;
  const from = region.current;
  return BigInt.asUintN(64, mayHaveSize(planned) ? alignUp(from, BigInt(alignment)) : from);
}

interface Extent {
  readonly address: bigint;
  readonly size: number;
  /** Alignment that the script asks for: what is in the section does not count for its load address. */
  readonly asked: number;
}

/** As GNU ld: where nothing is said, as far from the address as in the section before it in the same region. */
function loadAddressOf(
  pass: Pass,
  scope: Scope,
  planned: PlannedOutput,
  region: RegionState,
  { address, size, asked }: Extent,
): bigint {
  if (!planned.flags.alloc) return address;
  const load = planned.loadRegion === undefined ? undefined : pass.regions.get(planned.loadRegion.text);
  let result: bigint;
  if (planned.loadAddress !== undefined) result = addressIn(scope, evaluate(planned.loadAddress, scope));
  else if (load !== undefined && load !== region) {
    result = alignUp(load.current, BigInt(asked));
    if (size > 0) load.current = result + BigInt(planned.flags.nobits ? 0 : size);
  } else if (planned.address !== undefined) result = address + pass.task.loadDelta;
  else result = address + region.delta;
  result = BigInt.asUintN(64, result);
  if (size > 0) region.delta = result - address;
  return result;
}

function placeItem(placing: Placing, item: PlannedItem): void {
  const { pass, scope } = placing;
  switch (item.kind) {
    case 'inputs':
      for (const input of item.inputs) placeInput(placing, input);
      return;
    case 'assign': {
      const from = pass.open?.offset ?? 0n;
      assign(pass, scope, item);
      if (item.target === '.') fillGap(placing, from);
      return;
    }
    case 'assert':
      evaluate(item, scope);
      return;
    case 'data': {
      const value = addressIn(scope, evaluate(item.value, scope));
      placing.data.push({ offset: Number(pass.open?.offset ?? 0n), bytes: item.bytes, value });
      advance(placing, BigInt(item.bytes));
      return;
    }
    case 'fill':
      placing.pattern = patternOf(item.fill, scope);
  }
}

function advance({ pass }: Placing, size: bigint): void {
  if (pass.open !== undefined) pass.open.offset += size;
}

function placeInput(placing: Placing, input: Input): void {
  const { open } = placing.pass;
  if (open === undefined) return;
  const from = open.offset;
  open.offset = alignUp(open.address + from, BigInt(inputAlignment(input, placing.subalign))) - open.address;
  fillGap(placing, from);
  placing.pieces.push({ input, offset: Number(open.offset) });
  advance(placing, BigInt(input.section.size));
}

function fillGap({ pass, pattern, gaps }: Placing, from: bigint): void {
  const to = pass.open?.offset ?? from;
  if (pattern !== undefined && to > from) gaps.push({ from: Number(from), to: Number(to), pattern });
}

function patternOf(fill: Fill, scope: Scope): Uint8Array {
  if (fill.kind === 'bytes') return fill.bytes;
  const value = addressIn(scope, evaluate(fill.value, scope));
  return Uint8Array.from([24n, 16n, 8n, 0n], (shift) => Number((value >> shift) & 0xffn));
}
