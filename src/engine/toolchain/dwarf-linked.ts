/** Adds the line map of a linked program as DWARF, behind what its objects bring of it. */
import { type DebugSection, debugSections, type LineRow, type LineSequence } from './dwarf-lines.ts';
import type { Linked, LinkedSection } from './link/linked.ts';

/** Data has lines too, but no debugger stops there. */
function sequencesOf({ lines, sections }: Linked): LineSequence[] {
  const code = sections.filter(({ flags }) => flags.alloc && flags.execute);
  const isCode = (address: bigint): boolean =>
    code.some((section) => address >= section.address && address < section.address + BigInt(section.size));
  const sequences: LineSequence[] = [];
  let rows: LineRow[] = [];
  for (const entry of lines) {
    if (entry.line > 0 && isCode(entry.address)) rows.push(entry);
    else if (rows.length > 0) {
      sequences.push({ rows, end: entry.address });
      rows = [];
    }
  }
  return sequences;
}

function resolved({ bytes, references }: DebugSection, sizeOf: (name: string) => number): Uint8Array {
  const view = new DataView(bytes.buffer);
  for (const reference of references) {
    if (reference.kind === 'code') view.setBigUint64(reference.at, reference.address, true);
    else view.setUint32(reference.at, sizeOf(reference.name), true);
  }
  return bytes;
}

function joined(section: LinkedSection | undefined, name: string, added: Uint8Array): LinkedSection {
  const old = section?.bytes ?? new Uint8Array();
  const bytes = new Uint8Array(old.length + added.length);
  bytes.set(old);
  bytes.set(added, old.length);
  const flags = { alloc: false, write: false, execute: false, nobits: false };
  return { name, address: 0n, loadAddress: 0n, alignment: 1, flags, ...section, bytes, size: bytes.length };
}

/** As it is if nothing of our own has lines. */
export function withLineTable(linked: Linked): Linked {
  const sizeOf = (name: string): number => linked.sections.find((each) => each.name === name)?.size ?? 0;
  const made = debugSections(sequencesOf(linked));
  const added = new Map<string, Uint8Array>(made.map((each) => [each.name, resolved(each, sizeOf)]));
  const kept = linked.sections.map((section) => {
    const bytes = added.get(section.name);
    return bytes === undefined ? section : joined(section, section.name, bytes);
  });
  const present = new Set(linked.sections.map(({ name }) => name));
  const fresh = [...added]
    .filter(([name]) => !present.has(name))
    .map(([name, bytes]) => joined(undefined, name, bytes));
  return { ...linked, sections: [...kept, ...fresh] };
}
