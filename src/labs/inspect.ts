/** Answers what a view asks about a machine that stands still. Nothing of it changes the machine. */
import type { DebugInfo } from '../engine/debug/debug.ts';
import { type Image, lineAt, nearestSymbol } from '../engine/image.ts';
import type { AnswerOf, DisassembledRow, Inspection, InspectionKind, InspectionOf } from '../engine/inspection.ts';
import type { Machine } from '../engine/machine/types.ts';
import { disassemble } from '../engine/toolchain/disassemble.ts';
import { instructionAt, physicalAt } from './guest-code.ts';
import { mappingsOf } from './mappings.ts';
import { pathTo } from './page-tables.ts';
import { placesOf } from './places.ts';
import { evaluateIn, stackOf } from './source-level.ts';

export interface Inspected {
  readonly machine: Machine;
  readonly image: Image;
  readonly debug: DebugInfo;
}

type Answers = { readonly [K in InspectionKind]: (inspected: Inspected, question: InspectionOf<K>) => AnswerOf<K> };

const pageBytes = 4096n;
const mostInstructions = 200;

const answers: Answers = {
  memory: ({ machine }, { space, address, bytes, hart }) => {
    const last = address + BigInt(Math.min(bytes, Number(pageBytes)));
    const read: (number | undefined)[] = [];
    for (let at = address; at < last; ) {
      const end = at - (at % pageBytes) + pageBytes;
      const part = Number((end < last ? end : last) - at);
      const physical = space === 'physical' ? at : physicalAt(machine, at, hart);
      const found = physical === undefined ? undefined : machine.readMemory(Number(physical), part);
      read.push(...(found ?? Array.from({ length: part }, () => undefined)));
      at += BigInt(part);
    }
    return read;
  },
  translation: ({ machine }, { va, hart }) => machine.translate(va, hart),
  path: ({ machine }, { root, address }) => pathTo(machine, root, address),
  mappings: ({ machine }, { root }) => mappingsOf(machine, root),
  places: ({ machine, image }) => placesOf(machine, image),
  disassembly: (inspected, { va, count, hart }) => {
    const rows: DisassembledRow[] = [];
    for (let at = va; rows.length < Math.min(count, mostInstructions); ) {
      const row = rowAt(inspected, at, hart);
      rows.push(row);
      at += BigInt(row.size);
    }
    return rows;
  },
  stack: (inspected, { hart }) => stackOf({ ...inspected, hart }),
  expression: (inspected, { text, frame, hart }) => evaluateIn({ ...inspected, hart }, text, frame),
  code: ({ machine }, { va, hart }) => machine.inspectCode(va, hart),
};

export function answer(inspected: Inspected, question: Inspection): AnswerOf<InspectionKind> {
  const answering = answers[question.kind] as (inspected: Inspected, question: Inspection) => AnswerOf<InspectionKind>;
  return answering(inspected, question);
}

function rowAt({ machine, image }: Inspected, address: bigint, hart: number): DisassembledRow {
  const named = (target: bigint): string | undefined => {
    const near = nearestSymbol(image, target);
    if (near === undefined) return undefined;
    return near.offset === 0 ? near.name : `${near.name}+0x${near.offset.toString(16)}`;
  };
  const found = instructionAt(machine, address, hart);
  const { text, length } = disassemble(found, address, named);
  const word = length === 4 ? found : found & 0xffff;
  const line = lineAt(image, address);
  const place = line === undefined ? undefined : { file: line.file, line: line.line };
  return { address, size: length, word, text, symbol: named(address), place };
}
