/** The translation of an address that nobody may have walked: from the tables as they lie in memory at the moment. */
import type { Inspect, TablePath, TableRoot } from '../../engine/inspection.ts';
import { virtualBit } from '../../engine/isa/privilege.ts';
import type { HartState } from '../../engine/state.ts';
import type { Translation, Walk } from './walk.ts';

export interface NamedRoot {
  readonly key: 'satp' | 'vsatp' | 'hgatp';
  readonly title: string;
  readonly root: TableRoot;
}

const isOn = (atp: bigint): boolean => atp >> 60n !== 0n;

/**
 * The tables that the registers of a hart turn on; those of its present mode first. `shadow`: the satp by which a
 * hypervisor has them in place of its guest’s.
 */
export function rootsOf({ csrs, mode }: Pick<HartState, 'csrs' | 'mode'>, shadow?: bigint): NamedRoot[] {
  const { satp = 0n, vsatp = 0n, hgatp = 0n } = csrs;
  const single: NamedRoot = {
    key: 'satp',
    title: satp === shadow ? 'satp, shadow tables' : 'satp',
    root: { stage: 'single', atp: satp, hgatp: 0n },
  };
  const title = isOn(hgatp) ? 'vsatp over hgatp' : 'vsatp';
  const guest: NamedRoot = { key: 'vsatp', title, root: { stage: 'guest', atp: vsatp, hgatp } };
  const host: NamedRoot = { key: 'hgatp', title: 'hgatp', root: { stage: 'host', atp: hgatp, hgatp: 0n } };
  const roots = [single, guest, host].filter(({ root }) => isOn(root.atp));
  return mode & virtualBit ? roots.sort((a, b) => Number(a.key === 'satp') - Number(b.key === 'satp')) : roots;
}

/** Undefined until the answers are there. `hart`: whose tables they are. */
export function lookUp(inspect: Inspect, hart: number, root: TableRoot, va: bigint): Translation | undefined {
  const path = inspect({ kind: 'path', hart, root, address: va });
  if (path === undefined) return undefined;
  const walk = walkAlong(root, va, path);
  const host: TableRoot = { stage: 'host', atp: root.hgatp, hgatp: 0n };
  const through = root.stage === 'guest' && isOn(root.hgatp);
  const wanted = through ? [...path.tables.map(({ address }, at) => walk.steps[at]?.address ?? address), path.to] : [];
  const walks: Walk[] = [];
  for (const address of wanted) {
    if (address === undefined) continue;
    const behind = inspect({ kind: 'path', hart, root: host, address });
    if (behind === undefined) return undefined;
    walks.push(walkAlong(host, address, behind));
  }
  const page = through && path.to !== undefined ? walks.pop() : undefined;
  const references = [walk, ...walks, ...(page === undefined ? [] : [page])].reduce(
    (sum, each) => sum + each.steps.length,
    0,
  );
  const outcome = page?.outcome ?? walk.outcome;
  return { number: undefined, position: 0, hart, walk, legs: walks, page, references, outcome };
}

function walkAlong({ stage }: TableRoot, va: bigint, { tables, outcome }: TablePath): Walk {
  const steps = tables.flatMap(({ level, address, physical, indices, values }) => {
    if (physical === undefined) return [];
    const low = BigInt(12 + 9 * level);
    const index = Number(va >> low) & (stage === 'host' && level === tables[0]?.level ? 2047 : 511);
    const at = indices.indexOf(index);
    return [{ level, address: address + 8n * BigInt(index), value: values[at] ?? 0n }];
  });
  return { stage, va, access: undefined, mode: 0, outcome, level: tables.at(-1)?.level ?? 0, steps };
}
