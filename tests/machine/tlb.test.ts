import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, Hart } from '../../src/engine/machine/hart.ts';
import { instantiate, newMemory } from '../../src/engine/machine/instance.ts';
import { foundAt, tlbAt, tlbEntryAt, tlbEntryBytes } from '../../src/engine/machine/layout.ts';
import { type SlowPathName, slowPaths } from '../../src/engine/machine/module-functions.ts';
import { Tlb, type TlbEntry } from '../../src/engine/machine/tlb.ts';
import { pteFlag } from '../../src/engine/machine/translation/rights.ts';
import { anyMachine, bareSpace, noMachine } from '../../src/engine/machine/translation/tlb-state.ts';

const size = 4;
const two32 = 2 ** 32;

/** The procedures on a hart of their own, whose data TLB is used. */
async function emitted() {
  const memory = newMemory(2 ** 16);
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 1 });
  const nothing = Object.fromEntries(slowPaths.map((name) => [name, () => 0])) as Record<SlowPathName, () => number>;
  const { library, translation } = await instantiate(memory, table, nothing);
  const { find, fill } = library as unknown as Procedures;
  return { hart: new Hart(memory.buffer, 0, 0), find, fill, translation };
}
interface Procedures {
  readonly find: (hart: number, tlb: number, va: bigint, space: bigint) => number;
  readonly fill: (hart: number, tlb: number, entry: number, va: bigint, space: bigint) => number;
}
const { hart, find, fill, translation } = await emitted();

const newTlb = (): Tlb => {
  const tlb = new Tlb(hart, 'data', size);
  tlb.load({ slots: [], next: 0 });
  return tlb;
};

const wide = ([low = 0, high = 0]: readonly number[]): bigint => (BigInt(high) << 32n) | BigInt(low);
const spaceOf = (asid: number, vmid: number): bigint => BigInt.asIntN(64, (BigInt(vmid) << 32n) | BigInt(asid));

/** Fills the oldest entry. */
function put(
  address: readonly number[],
  asid: number,
  vmid: number,
  entry: Omit<TlbEntry, 'vpn' | 'asid' | 'vmid'>,
): void {
  for (const field of ['ppn', 'flags', 'hostFlags', 'level'] as const) {
    hart.setPair(at.mapping + foundAt[field], entry[field] % two32, Math.floor(entry[field] / two32));
  }
  fill(0, at.dataTlb, 0, wide(address), spaceOf(asid, vmid));
}

/** The slot that maps an address, or −1; and the page that it maps it to. */
function sought(
  address: readonly number[],
  asid: number,
  vmid: number,
): { readonly slot: number; readonly page: number } {
  const entry = find(0, at.dataTlb, wide(address), spaceOf(asid, vmid));
  if (entry === 0) return { slot: -1, page: 0 };
  const number = (offset: number): bigint => wide(hart.pair(entry + offset));
  const within = (wide(address) >> 12n) & ~number(tlbEntryAt.compared);
  const slot = (entry - at.dataTlb - tlbAt.entries) / tlbEntryBytes;
  return { slot, page: Number(number(tlbEntryAt.ppn) + within) };
}

const pages = (level: number): number => 512 ** level;

/** Few enough to meet again: neighbours, both ends of superpages, and addresses that differ in their high words alone. */
const va = fc.constantFrom(
  ...[0, 0x1000, 0x1f_f000, 0x20_0000, 0x4000_0000].flatMap((low) => [0, 1, 0xffff_ffff].map((high) => [low, high])),
);
const space = fc.constantFrom(1, 2, bareSpace);
const machine = fc.constantFrom(noMachine, 0, 7);
const operation = fc.oneof(
  fc.record({
    kind: fc.constant('put' as const),
    va,
    asid: space,
    vmid: machine,
    level: fc.nat(3),
    global: fc.boolean(),
    ppn: fc.constantFrom(0x8_0000, 2 ** 40),
  }),
  fc.record({
    kind: fc.constant('remove' as const),
    va: fc.option(va, { nil: undefined }),
    asid: fc.option(space, { nil: undefined }),
    vmid: fc.oneof(machine, fc.constant(anyMachine)),
  }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

const vpnOf = ([low = 0, high = 0]: readonly number[]): number => high * 2 ** 20 + (low >>> 12);
const maps = ({ vpn, level }: TlbEntry, page: number): boolean => page >= vpn && page < vpn + pages(level);

/** The same as a list of entries. */
function inList(entries: (TlbEntry | undefined)[], next: number, each: Operation): void {
  if (each.kind === 'put') {
    const offset = vpnOf(each.va) % pages(each.level);
    const { asid, vmid, level } = each;
    const flags = each.global ? pteFlag.G : 0;
    entries[next] = { vpn: vpnOf(each.va) - offset, ppn: each.ppn, asid, vmid, flags, hostFlags: 0, level };
    return;
  }
  entries.forEach((entry, slot) => {
    if (entry === undefined) return;
    if (each.vmid === anyMachine ? entry.vmid === noMachine : entry.vmid !== each.vmid) return;
    if (each.va !== undefined && !maps(entry, vpnOf(each.va))) return;
    if (each.asid !== undefined && (entry.asid !== each.asid || entry.flags & pteFlag.G)) return;
    entries[slot] = undefined;
  });
}

function inTlb(tlb: Tlb, each: Operation): void {
  const [low = 0, high = 0] = each.va ?? [];
  if (each.kind === 'remove') tlb.remove(translation, each.va && [low, high], each.asid, each.vmid);
  else {
    const ppn = each.ppn + (vpnOf([low, high]) % pages(each.level));
    put([low, high], each.asid, each.vmid, {
      ppn,
      flags: each.global ? pteFlag.G : 0,
      hostFlags: 0,
      level: each.level,
    });
  }
}

describe('the modelled TLB', () => {
  it('holds and finds what a list of its entries would', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 20 }), va, space, machine, (operations, address, asid, vmid) => {
        const tlb = newTlb();
        const entries: (TlbEntry | undefined)[] = new Array<undefined>(size).fill(undefined);
        for (const each of operations) {
          inList(entries, tlb.save().next, each);
          inTlb(tlb, each);
        }
        expect(tlb.save().slots).toEqual(entries);
        const { slot, page } = sought(address, asid, vmid);
        const serves = (entry: TlbEntry): boolean =>
          entry.asid === asid || (entry.flags !== 0 && entry.asid !== bareSpace);
        const expected = entries.findIndex(
          (entry) => entry !== undefined && maps(entry, vpnOf(address)) && entry.vmid === vmid && serves(entry),
        );
        expect(slot).toBe(expected);
        const found = entries[expected];
        if (found !== undefined) expect(page).toBe(found.ppn + vpnOf(address) - found.vpn);
      }),
      { numRuns: 2000 },
    );
  });

  it('is what was saved once it is loaded', () => {
    const tlb = newTlb();
    put([0x4000_0000, 1], 3, noMachine, { ppn: 2 ** 40, flags: 0xcf, hostFlags: 0, level: 2 });
    const saved = tlb.save();
    const other = newTlb();
    expect(sought([0x4000_1000, 1], 3, noMachine).slot).toBe(-1);
    other.load(saved);
    expect(other.save()).toEqual(saved);
    expect(sought([0x4000_1000, 1], 3, noMachine).slot).toBe(0);
  });
});
