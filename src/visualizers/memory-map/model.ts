/**
 * The address spaces of the run: the tables that walks went through, by the registers that named them. Registers are
 * followed by the writes to them; what was written and never walked is no address space yet.
 */
import {
  batchSize,
  decodeEvent,
  type EventBatch,
  fieldOffsets,
  indexOfKind,
  recordWords,
  walkStages,
} from '../../engine/events.ts';
import type { TableRoot } from '../../engine/inspection.ts';
import { csrByName } from '../../engine/isa/csrs.ts';

/** More are not kept apart: who looks chooses among them. */
export const mostSpaces = 64;

export interface SeenSpace {
  readonly root: TableRoot;
  /** Of its first walk. */
  readonly position: number;
}

interface Registers {
  readonly satp: bigint;
  readonly vsatp: bigint;
  readonly hgatp: bigint;
}

export interface MemoryMapModel {
  readonly spaces: readonly SeenSpace[];
  readonly forgotten: boolean;
  /** By hart. */
  readonly registers: ReadonlyMap<number, Registers>;
}

export const emptyMemoryMap: MemoryMapModel = { spaces: [], forgotten: false, registers: new Map() };

const reset: Registers = { satp: 0n, vsatp: 0n, hgatp: 0n };
const followed = new Map(
  (['satp', 'vsatp', 'hgatp'] as const).map((name) => [csrByName(name)?.number ?? -1, name] as const),
);
const [csrKind, walkKind] = [indexOfKind('csr'), indexOfKind('walk')];
const numberAt = fieldOffsets('csr').number;
const walkAt = fieldOffsets('walk');

export const keyOf = ({ stage, atp, hgatp }: TableRoot): string => `${stage} ${atp.toString(16)} ${hgatp.toString(16)}`;

export function updateMemoryMap(model: MemoryMapModel, batch: EventBatch): MemoryMapModel {
  const { words } = batch;
  let { spaces, forgotten } = model;
  const registers = new Map(model.registers);
  const known = new Set(spaces.map(({ root }) => keyOf(root)));
  /** What was walked last, by hart and stage: mostly the same again. */
  const latest = new Map<number, Registers>();
  for (let index = 0; index < batchSize(batch); index++) {
    const at = index * recordWords;
    const kind = words[at];
    const hart = words[at + 1] ?? 0;
    if (kind === csrKind) {
      const name = followed.get(words[at + numberAt] ?? 0);
      const event = name === undefined ? undefined : decodeEvent(batch, index);
      if (name !== undefined && event?.kind === 'csr')
        registers.set(hart, { ...(registers.get(hart) ?? reset), [name]: event.value });
      continue;
    }
    if (kind !== walkKind) continue;
    const stage = words[at + walkAt.stage] ?? 0;
    const now = registers.get(hart) ?? reset;
    const slot = hart * walkStages.length + stage;
    if (latest.get(slot) === now) continue;
    latest.set(slot, now);
    const root = rootOf(walkStages[stage] ?? 'single', now);
    if (known.has(keyOf(root))) continue;
    if (spaces.length === mostSpaces) {
      forgotten = true;
      continue;
    }
    known.add(keyOf(root));
    spaces = [...spaces, { root, position: decodeEvent(batch, index).position }];
  }
  return { spaces, forgotten, registers };
}

/** A host's tables are walked for every guest of theirs: they stand once. */
function rootOf(stage: TableRoot['stage'], { satp, vsatp, hgatp }: Registers): TableRoot {
  if (stage === 'single') return { stage, atp: satp, hgatp: 0n };
  return stage === 'guest' ? { stage, atp: vsatp, hgatp } : { stage, atp: hgatp, hgatp: 0n };
}
