/** Instructions around an address. Backwards they can only be found from a place at which one is known to begin. */
import { addressesOf, type Image, lineAt, nearestSymbol } from '../engine/image.ts';
import type { DisassembledRow } from '../engine/inspection.ts';
import { lengthOf } from '../engine/isa/instructions.ts';
import type { Machine } from '../engine/machine/types.ts';
import { disassemble } from '../engine/toolchain/disassemble.ts';
import { instructionIn, type Locate } from './guest-code.ts';

export interface Listing {
  readonly machine: Machine;
  readonly image: Image;
  /** Where the code lies. */
  readonly locate: Locate;
}

const mostInstructions = 200;
const pageBytes = 4096n;

/** `count` rows, of which up to `before` stand in front of `va`. */
export function disassembleAround(listing: Listing, va: bigint, count: number, before: number): DisassembledRow[] {
  const rows: DisassembledRow[] = [];
  const limit = Math.min(count, mostInstructions);
  for (let at = startBefore(listing, va, Math.min(before, limit)); rows.length < limit; ) {
    const row = rowAt(listing, at);
    rows.push(row);
    at = BigInt.asUintN(64, at + BigInt(row.size));
  }
  return rows;
}

/** Where so many instructions before `va` begin; fewer where memory or what is known of the code ends. */
function startBefore(listing: Listing, va: bigint, before: number): bigint {
  if (before === 0) return va;
  const starts = [
    knownStart(listing.image, va - BigInt(4 * before)),
    va - BigInt(4 * before),
    va - BigInt(4 * before) + 2n,
  ];
  for (const start of starts) {
    const path = start === undefined || start < 0n ? undefined : pathTo(listing, start, va);
    if (path !== undefined) return path.at(-before) ?? path[0] ?? va;
  }
  return va;
}

/** The nearest label or line at or below an address, if it is near. */
function knownStart(image: Image, address: bigint): bigint | undefined {
  const near = nearestSymbol(image, address);
  const label = near === undefined ? undefined : address - BigInt(near.offset);
  const line = lineAt(image, address)?.address;
  const start = label === undefined || (line !== undefined && line > label) ? line : label;
  return start !== undefined && address - start < pageBytes ? start : undefined;
}

/** Addresses of the instructions from `start` up to `va`; undefined if none ends there, or if some cannot be read. */
function pathTo({ machine, locate }: Listing, start: bigint, va: bigint): bigint[] | undefined {
  const path: bigint[] = [];
  let at = start;
  while (at < va) {
    if (!isReadable(machine, locate, at)) return undefined;
    path.push(at);
    at += BigInt(lengthOf(instructionIn(machine, locate, at)));
  }
  return at === va ? path : undefined;
}

function isReadable(machine: Machine, locate: Locate, va: bigint): boolean {
  const physical = locate(va);
  return physical !== undefined && machine.readMemory(Number(physical), 2) !== undefined;
}

function rowAt({ machine, image, locate }: Listing, address: bigint): DisassembledRow {
  const named = (target: bigint): string | undefined => {
    const near = nearestSymbol(image, target);
    if (near === undefined) return undefined;
    return near.offset === 0 ? near.name : `${near.name}+0x${near.offset.toString(16)}`;
  };
  const readable = isReadable(machine, locate, address);
  const found = instructionIn(machine, locate, address);
  const { text, length } = disassemble(found, address, named);
  const word = length === 4 ? found : found & 0xffff;
  const line = lineAt(image, address);
  const breaksHere = line !== undefined && addressesOf(image, line.file, line.line)[0] === address;
  const place = line === undefined ? undefined : { file: line.file, line: line.line };
  return { address, size: length, word, readable, text, symbol: named(address), place, breaksHere };
}
