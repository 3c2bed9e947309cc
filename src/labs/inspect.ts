/** Answers what a view asks about a machine that stands still. Nothing of it changes the machine. */
import type { DebugInfo } from '../engine/debug/debug.ts';
import type { Image } from '../engine/image.ts';
import type { AnswerOf, Inspection, InspectionKind, InspectionOf } from '../engine/inspection.ts';
import type { Machine } from '../engine/machine/types.ts';
import { beliefOf } from './belief.ts';
import { inspectDevices } from './devices.ts';
import { disassembleAround } from './disassembly.ts';
import { locateIn } from './guest-space.ts';
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
const addressEnd = 1n << 56n;

const answers: Answers = {
  belief: ({ machine }, { hart }) => beliefOf(machine, hart),
  memory: ({ machine }, { space, address, bytes, hart }) => {
    const locate = locateIn(machine, space, hart);
    const last = address + BigInt(Math.min(bytes, Number(pageBytes)));
    const read: (number | undefined)[] = [];
    for (let at = address; at < last; ) {
      const end = at - (at % pageBytes) + pageBytes;
      const part = Number((end < last ? end : last) - at);
      const physical = locate(at);
      const found =
        physical === undefined || physical >= addressEnd ? undefined : machine.readMemory(Number(physical), part);
      read.push(...(found ?? Array.from({ length: part }, () => undefined)));
      at += BigInt(part);
    }
    return read;
  },
  translation: ({ machine }, { va, hart }) => machine.translate(va, hart),
  path: ({ machine }, { root, address }) => pathTo(machine, root, address),
  mappings: ({ machine }, { root }) => mappingsOf(machine, root),
  places: ({ machine, image }) => placesOf(machine, image),
  disassembly: ({ machine, image }, { va, count, before = 0, space = 'virtual', hart }) =>
    disassembleAround({ machine, image, locate: locateIn(machine, space, hart) }, va, count, before),
  devices: ({ machine }) => inspectDevices(machine),
  stack: (inspected, { hart }) => stackOf({ ...inspected, hart }),
  expression: (inspected, { text, frame, hart }) => evaluateIn({ ...inspected, hart }, text, frame),
  code: ({ machine }, { va, hart }) => machine.inspectCode(va, hart),
};

export function answer(inspected: Inspected, question: Inspection): AnswerOf<InspectionKind> {
  const answering = answers[question.kind] as (inspected: Inspected, question: Inspection) => AnswerOf<InspectionKind>;
  return answering(inspected, question);
}
