/** The guest's side of the views: what differs from the machine, and what stays out of it. */
import { describe, expect, it } from 'vitest';
import type { Belief } from '../../src/engine/belief.ts';
import type { WalkOutcome } from '../../src/engine/events.ts';
import type { Inspect } from '../../src/engine/inspection.ts';
import type { TlbSlot } from '../../src/engine/state.ts';
import { differenceText, shownMode } from '../../src/visualizers/belief.ts';
import { guestWay } from '../../src/visualizers/memory/guest-way.ts';
import { coveredBytes, memoryRanges, throughHost, untranslated } from '../../src/visualizers/memory-map/ranges.ts';
import { believedChoices } from '../../src/visualizers/memory-map/spaces.ts';
import { rootsOf } from '../../src/visualizers/page-table/look.ts';
import { type Difference, differencesOf, guestVerdict } from '../../src/visualizers/page-table/shadow.ts';
import type { Walk } from '../../src/visualizers/page-table/walk.ts';
import { believedCsrs, believedRegisters, registersText } from '../../src/visualizers/registers/believed.ts';
import { isOfGuest, rowsOfGuest } from '../../src/visualizers/tlb/believed.ts';
import { beliefWith, pageOf } from './beliefs.ts';

const sv39 = 8n << 60n;

describe('what differs, in a sentence', () => {
  const rows: readonly (readonly [Partial<Belief>, number, string])[] = [
    [{}, 0, 'The guest believes to be in S-mode; the machine runs it in U-mode.'],
    [{ vm: 2n }, 0, 'Guest 2 believes to be in S-mode; the machine runs it in U-mode.'],
    [{ vm: 2n, vcpu: 1n }, 0, 'Guest 2 (vCPU 1) believes to be in S-mode; the machine runs it in U-mode.'],
    [{ mode: 0 }, 0, 'The guest believes to be in U-mode, and there the machine runs it.'],
    [{ mode: undefined }, 0, 'The guest runs in U-mode; nothing tells which mode it believes to be in.'],
    [{ runs: false }, 3, 'The machine is in M-mode, and handles an exit of the guest, which believes to be in S-mode.'],
    [{ kind: 'virtual' }, 5, 'The guest believes to be in S-mode; the machine runs it in VS-mode: V is 1.'],
    [
      { kind: 'virtual', runs: false, vm: 7n, mode: 0 },
      1,
      'The machine is in HS-mode, and handles an exit of guest 7, which believes to be in U-mode.',
    ],
  ];
  it.each(rows)('%o with the machine in %i: %s', (part, mode, text) => {
    expect(differenceText(beliefWith(part), { mode })).toBe(text);
  });

  it('names the mode of each side', () => {
    const belief = beliefWith({ mode: undefined });
    expect(shownMode('machine', belief, { mode: 4 })).toBe('VU');
    expect(shownMode('guest', belief, { mode: 4 })).toBeUndefined();
    expect(shownMode('guest', beliefWith(), { mode: 0 })).toBe('S');
  });
});

describe('registers as a guest believes them', () => {
  it('are the machine’s while it runs, and else those that are told', () => {
    const registers = Array.from({ length: 32 }, (_, number) => (number === 0 ? 0n : number === 10 ? 5n : undefined));
    const saved = beliefWith({ runs: false, registers });
    const cells = believedRegisters({ belief: saved, old: beliefWith() });
    expect(cells.filter(({ known }) => known).map(({ name, changed }) => [name, changed])).toEqual([
      ['zero', false],
      ['a0', true],
    ]);
    expect(registersText(saved)).toContain('1 of the guest are shown');
    expect(registersText({ ...saved, registers: [0n] })).toContain('not told');
    expect(registersText(beliefWith())).toContain('runs on the hart itself');
  });

  it('list the CSRs that its hypervisor tells of, beside the machine’s of the same names', () => {
    const belief = beliefWith({ csrs: { satp: 1n, sepc: 2n }, kept: { satp: 0x100n, sepc: 0x108n } });
    const old = beliefWith({ csrs: { satp: 1n, sepc: 9n } });
    const listed = (changedOnly: boolean, text = '') =>
      believedCsrs({ belief, old }, { csrs: { satp: 5n, sepc: 2n, stvec: 3n } }, { text, changedOnly }).map(
        ({ shown, value, machine, kept }) => [shown, value, machine, kept],
      );
    expect(listed(false)).toEqual([
      ['sepc', 2n, undefined, 0x108n],
      ['satp', 1n, 5n, 0x100n],
    ]);
    expect(listed(true)).toEqual([['sepc', 2n, undefined, 0x108n]]);
    expect(listed(false, 'satp')).toHaveLength(1);
  });

  it('list a virtual guest’s under the names that it has for them, and none of its host’s', () => {
    const belief = beliefWith({ kind: 'virtual', csrs: { sepc: 2n } });
    const cells = believedCsrs(
      { belief, old: undefined },
      { csrs: { sepc: 1n, vsepc: 2n } },
      { text: '', changedOnly: false },
    );
    expect(cells.find(({ shown }) => shown === 'sepc')).toMatchObject({ name: 'vsepc', value: 2n, machine: 1n });
    expect(cells.some(({ shown }) => /^(h|vs|m[^c])/.test(shown))).toBe(false);
  });
});

const walk = (stage: Walk['stage'], physical: bigint, flags: number, outcome: WalkOutcome = 'ok'): Walk => ({
  stage,
  va: 0x1000_0008n,
  access: undefined,
  mode: 0,
  outcome,
  level: 0,
  steps: [{ level: 0, address: 0n, value: (physical >> 2n) | BigInt(flags) }],
});
const unmapped = (stage: Walk['stage']): Walk => walk(stage, 0n, 0, 'not-valid');
const [kernel, user, clean] = [0xcf, 0xdf, 0x47];
const inMemory = 0x8040_3000n;

describe('a shadow entry beside the guest’s', () => {
  const rows: readonly (readonly [string, Walk | undefined, Walk, Partial<Belief>, Difference['kind'][], RegExp])[] = [
    ['both', walk('guest', pageOf(3), user), walk('single', inMemory, user), {}, ['same'], /come to/],
    ['neither', unmapped('guest'), unmapped('single'), {}, ['unmapped'], /page fault/],
    ['only the guest’s', walk('guest', pageOf(3), kernel), unmapped('single'), {}, ['missing'], /fills it in/],
    ['no memory', walk('guest', 0x1000_0000n, kernel), unmapped('single'), {}, ['missing'], /has no memory/],
    ['only the shadow', unmapped('guest'), walk('single', inMemory, user), {}, ['stale'], /0x80403008: stale/],
    ['elsewhere', walk('guest', pageOf(4), user), walk('single', inMemory, user), {}, ['stale'], /lies at 0x80404008/],
    [
      'a clean page',
      walk('guest', pageOf(3), clean | 0x10),
      walk('single', inMemory, 0xd3),
      {},
      ['narrower'],
      /sets D/,
    ],
    ['a watched page', walk('guest', pageOf(3), user), walk('single', inMemory, 0xdb), {}, ['narrower'], /hear of/],
    ['too much', walk('guest', pageOf(3), 0xd3), walk('single', inMemory, 0xd7), {}, ['stale'], /forbids/],
    ['a kernel page', walk('guest', pageOf(3), kernel), walk('single', inMemory, user), {}, ['translated'], /U = 0/],
    [
      'a kernel page, left open to the user',
      walk('guest', pageOf(3), kernel),
      walk('single', inMemory, user),
      { mode: 0 },
      ['stale'],
      /keeps that program out/,
    ],
    ['a kernel page, in U', walk('guest', pageOf(3), kernel), unmapped('single'), { mode: 0 }, ['missing'], /kernel/],
    ['a user page, in S', walk('guest', pageOf(3), user), unmapped('single'), {}, ['missing'], /SUM = 0/],
    [
      'a user program’s code, in S with SUM',
      walk('guest', pageOf(3), user),
      walk('single', inMemory, 0xd7),
      {},
      ['narrower'],
      /never executes/,
    ],
    ['Bare, and filled', undefined, walk('single', 0x1000_0000n, user), { memory: [] }, ['same'], /no tables in force/],
    [
      'two at once',
      walk('guest', pageOf(3), clean),
      walk('single', inMemory, 0xd3),
      {},
      ['narrower', 'translated'],
      /clean/,
    ],
    ['while satp is Bare', undefined, unmapped('single'), {}, ['missing'], /no memory/],
  ];
  it.each(rows)('%s', (_, own, shadow, part, kinds, text) => {
    const found = differencesOf({ own, shadow, va: 0x1000_0008n }, beliefWith(part));
    expect(found.map(({ kind }) => kind)).toEqual(kinds);
    expect(found[0]?.text).toMatch(text);
  });

  it('is told of with where the guest’s page lies', () => {
    const belief = beliefWith();
    expect(guestVerdict(walk('guest', pageOf(3), user), 0n, belief)).toBe(
      'Found: a 4 KiB page at guest physical address 0x40003008. The machine has that at 0x80403008.',
    );
    expect(guestVerdict(undefined, 0x10n, belief)).toContain(
      'Bare: it believes that nothing is translated. The guest has no memory there.',
    );
    expect(guestVerdict(unmapped('guest'), 0n, belief)).toMatch(/^Not mapped: the entry/);
  });

  it('is known by the machine’s satp', () => {
    const hart = { csrs: { satp: sv39 | 7n }, mode: 0 };
    expect(rootsOf(hart, sv39 | 7n).map(({ title }) => title)).toEqual(['satp, shadow tables']);
    expect(rootsOf(hart).map(({ title }) => title)).toEqual(['satp']);
  });
});

describe('the map of a deprivileged guest', () => {
  const flags = 0x1f;
  const own = { from: 0x1000n, to: pageOf(15), bytes: 0x2000n, flags, levels: 1 };

  it('goes through the ranges of its memory, and on to nowhere behind them', () => {
    const parts = throughHost([own], memoryRanges(beliefWith().memory));
    expect(parts.map(({ from, bytes, physical }) => [from, bytes, physical])).toEqual([
      [0x1000n, 0x1000n, 0x8040_f000n],
      [0x2000n, 0x1000n, undefined],
    ]);
  });

  it('is its memory in the mode that it is in, while nothing is translated', () => {
    const [memory] = memoryRanges(beliefWith().memory);
    const flagsIn = (mode: number) => untranslated(memory === undefined ? [] : [memory], mode)[0];
    expect(flagsIn(1)).toMatchObject({ from: pageOf(0), to: pageOf(0), flags: 0xf });
    expect(flagsIn(0)).toMatchObject({ flags: 0x1f });
  });

  it.each([
    [[{ from: 0x1000n, to: 0x8040_f000n, bytes: 0x1000n }], 0x1000n],
    [[{ from: 0x1800n, to: 0x8040_f800n, bytes: 0x4000n }], 0x800n],
    [[{ from: 0x1000n, to: 0x8050_0000n, bytes: 0x1000n }], 0n],
    [[], 0n],
  ])('counts what the shadow has of it: %o', (ranges, bytes) => {
    const [part] = throughHost([own], memoryRanges(beliefWith().memory));
    const shadow = { ranges: ranges.map((range) => ({ ...range, flags, levels: 1 })) };
    expect(part === undefined ? -1n : coveredBytes(part, shadow)).toBe(bytes);
  });

  it.each([
    [{ csrs: { satp: sv39 | 5n } }, ['ASID 0, root 0x5000']],
    [{}, ['guest physical']],
    [{ memory: [] }, []],
  ])('shows the tables that the guest believes in: %o', (part, names) => {
    const choices = believedChoices(beliefWith(part), { csrs: { satp: sv39 | 9n }, mode: 0 }, []);
    expect(choices.map(({ name }) => name)).toEqual(names);
  });

  it('leaves the tables of its host out, if it is a virtual one', () => {
    const hart = { csrs: { satp: sv39 | 9n, vsatp: sv39 | 5n, hgatp: sv39 | 4n }, mode: 5 };
    const choices = believedChoices(beliefWith({ kind: 'virtual' }), hart, []);
    expect(choices.map(({ root }) => root.stage)).toEqual(['guest', 'host']);
  });
});

describe('a guest’s TLB entries and addresses', () => {
  const slot = (part: Partial<TlbSlot>): TlbSlot => ({
    slot: 0,
    va: 0n,
    pa: 0n,
    level: 0,
    asid: 3,
    virtual: false,
    vmid: undefined,
    flags: 0,
    hostFlags: 0,
    ...part,
  });
  const shadow = sv39 | (3n << 44n);

  it.each([
    [{}, { shadow }, true],
    [{ asid: 4 }, { shadow }, false],
    [{ virtual: true }, { shadow }, false],
    [{}, {}, false],
    [{ virtual: true, vmid: 2 }, { kind: 'virtual', hgatp: sv39 | (2n << 44n) }, true],
    [{ virtual: true, vmid: 1 }, { kind: 'virtual', hgatp: sv39 | (2n << 44n) }, false],
  ] as const)('an entry %o is of the guest %o: %s', (entry, belief, expected) => {
    expect(isOfGuest(slot(entry), beliefWith(belief))).toBe(expected);
  });

  it('stay listed when one has just gone', () => {
    const rows = [
      { slot: 0, entry: undefined, old: slot({}), change: 'emptied' as const },
      { slot: 1, entry: slot({ asid: 9 }), old: undefined, change: 'filled' as const },
    ];
    expect(rowsOfGuest(rows, beliefWith({ shadow })).map(({ slot: number }) => number)).toEqual([0]);
  });

  const path = (to: bigint | undefined): Inspect => (() => ({ tables: [], outcome: 'ok', to })) as unknown as Inspect;
  it.each([
    ['guest-virtual', pageOf(2), { guest: pageOf(2) + 8n, physical: 0x8040_2008n }],
    ['guest-virtual', undefined, { guest: undefined, physical: undefined }],
    ['guest-physical', undefined, { guest: undefined, physical: 0x8040_2008n }],
    ['physical', undefined, { guest: undefined, physical: undefined }],
  ] as const)('lie somewhere: %s, mapped to %s', (space, to, expected) => {
    const address = pageOf(2) + 8n;
    expect(guestWay(beliefWith(), path(to), 0, space, address)).toEqual(expected);
  });
});
