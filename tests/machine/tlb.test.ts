import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anyMachine,
  bareSpace,
  noMachine,
  pteFlag,
  Tlb,
  type TlbEntry,
  vpnHighOf,
  vpnLowOf,
} from '../../src/engine/machine/tlb.ts';

const size = 4;
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
  if (each.kind === 'remove') tlb.remove(each.va && [low, high], each.asid, each.vmid);
  else {
    const ppn = each.ppn + (vpnOf([low, high]) % pages(each.level));
    const mapping = { ppn, flags: each.global ? pteFlag.G : 0, hostFlags: 0, level: each.level };
    tlb.put(tlb.oldest(), vpnLowOf(low, high), vpnHighOf(high), each.asid, each.vmid, mapping);
  }
}

describe('the modelled TLB', () => {
  it('holds and finds what a list of its entries would', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 20 }), va, space, machine, (operations, sought, asid, vmid) => {
        const tlb = new Tlb(size);
        const entries: (TlbEntry | undefined)[] = new Array<undefined>(size).fill(undefined);
        for (const each of operations) {
          inList(entries, tlb.save().next, each);
          inTlb(tlb, each);
        }
        expect(tlb.save().slots).toEqual(entries);
        const [low = 0, high = 0] = sought;
        const slot = tlb.find(vpnLowOf(low, high), vpnHighOf(high), asid, vmid);
        const serves = (entry: TlbEntry): boolean =>
          entry.asid === asid || (entry.flags !== 0 && entry.asid !== bareSpace);
        const expected = entries.findIndex(
          (entry) => entry !== undefined && maps(entry, vpnOf(sought)) && entry.vmid === vmid && serves(entry),
        );
        expect(slot).toBe(expected);
        const found = entries[expected];
        if (found !== undefined) expect(tlb.pageAt(slot, low, high)).toBe(found.ppn + vpnOf(sought) - found.vpn);
      }),
      { numRuns: 2000 },
    );
  });

  it('is what was saved once it is loaded', () => {
    const tlb = new Tlb(size);
    tlb.put(tlb.oldest(), vpnLowOf(0x4000_0000, 1), vpnHighOf(1), 3, noMachine, {
      ppn: 2 ** 40,
      flags: 0xcf,
      hostFlags: 0,
      level: 2,
    });
    const other = new Tlb(size);
    other.load(tlb.save());
    expect(other.save()).toEqual(tlb.save());
    expect(other.find(vpnLowOf(0x4000_1000, 1), vpnHighOf(1), 3, noMachine)).toBe(0);
  });
});
