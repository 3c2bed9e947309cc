/** Walks of random tables, one stage and two, held against the specification's algorithm. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findSymbol } from '../../src/engine/image.ts';
import { exceptionCode } from '../../src/engine/isa/causes.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import type { Machine } from '../../src/engine/machine/types.ts';
import { assembled } from './guest.ts';
import {
  type Access,
  type Actor,
  type FaultKind,
  type Memory,
  type Registers,
  translated,
  WalkFault,
} from './walk-oracle.ts';

const ramBase = 0x8000_0000;
const ramBytes = 2 ** 20;
/** Pages that hold tables; the first one begins where a second stage's root may. */
const firstTable = 0x8_0080;
const tableCount = 8;
const indices = [0, 1, 2, 511] as const;
const accesses: readonly Access[] = ['load', 'store', 'execute-only load'];

/** What it reads from `operands` goes into CSRs; then one access is made as `mstatus` and `hstatus` say. */
const program = `
        .globl _start
_start: la      t0, ended
        csrw    mtvec, t0
        li      t0, -1
        csrw    pmpaddr0, t0
        li      t0, 0x1f
        csrw    pmpcfg0, t0
        la      t6, operands
        ${['satp', 'vsatp', 'hgatp', 'menvcfg', 'henvcfg', 'vsstatus', 'hstatus']
          .map((csr, index) => `ld t0, ${8 * index}(t6)\n csrw ${csr}, t0`)
          .join('\n')}
        ld      a3, 64(t6)
        ld      a4, 72(t6)
        ld      t1, 80(t6)
        ld      t0, 56(t6)
        li      a0, -1
        la      t2, accesses
        add     t1, t1, t2
        csrw    mstatus, t0
        jr      t1
        .balign 8
accesses:
        ld      a1, 0(a3)
        j       done
        sd      a4, 0(a3)
        j       done
        hlvx.wu a1, (a3)
        j       done
        .balign 4
ended:  csrr    a0, mcause
done:   li      t0, 0
        csrw    mstatus, t0
        li      t5, 0x100000
        li      t6, 0x5555
        sw      t6, 0(t5)
        .balign 8
operands:
        .zero   88
`;
const image = assembled(program);
const operandsAt = Number(findSymbol(image, 'operands')?.address ?? 0n);

const tablePage = fc.nat({ max: tableCount - 1 }).map((page) => BigInt(firstTable + page));
const anyPage = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0x8_00a0, max: 0x8_00ff }).map(BigInt) },
  { weight: 2, arbitrary: fc.constantFrom(0x8_0000n, 0x4_0000n, 0n) },
  { weight: 1, arbitrary: tablePage },
  { weight: 1, arbitrary: fc.constantFrom(1n, 0x10_0000n) },
);
const leafFlags = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0xdfn, 0xcfn, 0x5fn, 0x1fn, 0x0fn) },
  { weight: 1, arbitrary: fc.nat({ max: 255 }).map((bits) => BigInt(bits | 1)) },
);
const pte = fc.oneof(
  { weight: 5, arbitrary: tablePage.map((page) => (page << 10n) | 1n) },
  { weight: 5, arbitrary: fc.tuple(anyPage, leafFlags).map(([page, bits]) => (page << 10n) | bits) },
  { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
);
const tables = fc.array(pte, { minLength: tableCount * indices.length, maxLength: tableCount * indices.length });

const root = fc.tuple(fc.constantFrom(8n, 8n, 9n, 0n), tablePage).map(([mode, page]) => (mode << 60n) | page);
const va = fc
  .tuple(
    fc.array(fc.constantFrom(...indices), { minLength: 4, maxLength: 4 }),
    fc.nat({ max: 511 }),
    fc.constantFrom(39, 39, 48, 64),
  )
  .map(([path, word, bits]) => {
    const address = path.reduce((sum, index) => (sum << 9n) | BigInt(index), 0n);
    return BigInt.asUintN(64, BigInt.asIntN(bits, (address << 12n) | BigInt(8 * word)));
  });

interface Case {
  readonly entries: readonly bigint[];
  readonly registers: Registers;
  readonly actor: Actor;
  readonly access: Access;
  readonly va: bigint;
}

const anyCase: fc.Arbitrary<Case> = fc
  .record({
    entries: tables,
    registers: fc.record({ satp: root, vsatp: root, hgatp: root, updates: fc.boolean(), guestUpdates: fc.boolean() }),
    actor: fc.record({ supervisor: fc.boolean(), virtual: fc.boolean(), sum: fc.boolean(), mxr: fc.boolean() }),
    access: fc.constantFrom(...accesses),
    va,
  })
  .map((each) => (each.access === 'execute-only load' ? { ...each, actor: { ...each.actor, virtual: true } } : each));

/** ROM and devices lie below; nothing is said of what they answer. */
const devicesEnd = 0x4000_0000n;
const inRam = (physical: bigint): boolean => physical >= BigInt(ramBase) && physical < BigInt(ramBase + ramBytes);

/** A store there changes what runs next. */
const isProgram = (went: bigint | FaultKind): boolean =>
  typeof went === 'bigint' && went >= BigInt(ramBase) && went < BigInt(ramBase + 4096);

function writeLong(machine: Machine, address: number, value: bigint): void {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  machine.writeMemory(address, bytes);
}

function readLong(machine: Machine, address: number): bigint {
  const bytes = machine.readMemory(address, 8) ?? new Uint8Array(8);
  return new DataView(bytes.buffer).getBigUint64(0, true);
}

const entryAt = (number: number): number =>
  (firstTable + Math.floor(number / indices.length)) * 4096 + 8 * (indices[number % indices.length] ?? 0);

const stored = 0x0123_4567_89ab_cdefn;

const machine = await createMachine({ ...defaultBoard, ram: ramBytes });
machine.load(image);
const loaded = machine.snapshot();

function prepare({ entries, registers, actor, access, va }: Case): void {
  machine.restore(loaded);
  entries.forEach((entry, number) => {
    writeLong(machine, entryAt(number), entry);
  });
  const { satp, vsatp, hgatp, updates, guestUpdates } = registers;
  const adue = (on: boolean): bigint => (on ? 1n << 61n : 0n);
  const sum = actor.sum ? 1n << 18n : 0n;
  const mxr = actor.mxr ? 1n << 19n : 0n;
  const lends = access === 'execute-only load' ? 0n : 1n << 17n;
  const mstatus = (actor.supervisor ? 1n << 11n : 0n) | (actor.virtual ? 1n << 39n : 0n) | lends | sum | mxr;
  const hstatus = actor.supervisor ? 1n << 8n : 0n;
  const csrs = [satp, vsatp, hgatp, adue(updates), adue(guestUpdates), sum, hstatus, mstatus];
  const operands = [...csrs, va, stored, BigInt(8 * accesses.indexOf(access))];
  operands.forEach((operand, index) => {
    writeLong(machine, operandsAt + 8 * index, operand);
  });
}

/** The same by the specification: where the access goes, or its fault; and the memory that it leaves. */
function expected({ registers, actor, access, va }: Case) {
  const written = new Map<number, bigint>();
  const memory: Memory = {
    read: (at) => (inRam(at) ? (written.get(Number(at)) ?? readLong(machine, Number(at))) : undefined),
    write: (at, value) => {
      if (!inRam(at)) throw new WalkFault('access');
      written.set(Number(at), value);
    },
  };
  const look = (): bigint | FaultKind | 'device' => {
    try {
      const physical = translated(memory, registers, actor, access, va);
      if (physical < devicesEnd) return 'device';
      return inRam(physical) ? physical : 'access';
    } catch (error) {
      if (error instanceof WalkFault) return error.kind;
      throw error;
    }
  };
  return { went: look(), written };
}

function causeOf(kind: FaultKind, access: Access): bigint {
  const name = access === 'store' ? 'store' : 'load';
  const suffix = { page: 'page-fault', access: 'access-fault', 'guest-page': 'guest-page-fault' } as const;
  return BigInt(exceptionCode(`${name}-${suffix[kind]}`));
}

it('walks as the specification says', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(anyCase, (each) => {
      prepare(each);
      const { went, written } = expected(each);
      fc.pre(went !== 'device' && !(each.access === 'store' && isProgram(went)));
      if (typeof went === 'bigint' && each.access === 'store') written.set(Number(went), stored);
      const word = typeof went === 'bigint' ? (written.get(Number(went)) ?? readLong(machine, Number(went))) : 0n;
      machine.run(200);
      const [, , , , , , , , , , cause = 0n, value = 0n] = machine.state().harts[0]?.registers ?? [];
      seen.add(typeof went === 'bigint' ? each.access : went);
      expect(cause).toBe(typeof went === 'bigint' ? 2n ** 64n - 1n : causeOf(went, each.access));
      if (typeof went === 'bigint' && each.access === 'load') expect(value).toBe(word);
      for (const [at, content] of written) expect(readLong(machine, at)).toBe(content);
      const untouched = each.entries.filter((_, number) => !written.has(entryAt(number)));
      expect(
        each.entries.flatMap((_, number) => (written.has(entryAt(number)) ? [] : readLong(machine, entryAt(number)))),
      ).toEqual(untouched);
    }),
    { numRuns: 1500, seed: 20_240_411 },
  );
  expect([...seen].sort()).toEqual(['access', 'execute-only load', 'guest-page', 'load', 'page', 'store']);
}, 60_000);
