/** Which CSRs are listed, in which groups, and what a guest calls them. */
import { type CsrRow, csrByName, csrIsHypervisor, csrPrivilege, csrRows, guestCsrs } from '../../engine/isa/csrs.ts';
import type { HartMoment } from './model.ts';

export const csrGroups = [
  'traps',
  'machine',
  'supervisor',
  'hypervisor',
  'guest',
  'floating point',
  'protection',
  'counters',
  'debug',
  'all',
] as const;
export type CsrGroup = (typeof csrGroups)[number];

/** Those that a trap reads and writes, the supervisor's first, as most kernels live there. */
export const trapCsrs: readonly string[] = [
  ...['sstatus', 'sepc', 'scause', 'stval', 'stvec', 'sscratch', 'sie', 'sip', 'satp'],
  ...['mstatus', 'mtvec', 'medeleg', 'mideleg', 'mscratch', 'mepc', 'mcause', 'mtval', 'mie', 'mip'],
];
/** And these, where there are guests. */
const guestTrapCsrs: readonly string[] = [
  ...['hstatus', 'hedeleg', 'hideleg', 'hgatp', 'htval', 'htinst', 'hvip'],
  ...['vsstatus', 'vsepc', 'vscause', 'vstval', 'vstvec', 'vsscratch', 'vsie', 'vsip', 'vsatp'],
];

export function groupOf({ name, number }: CsrRow): CsrGroup {
  if (name.startsWith('pmp')) return 'protection';
  if (
    /^(m?(cycle|instret|hpmcounter\d+)|time|mhpmevent\d+|.*timecmp|mcountinhibit|.counteren|htimedelta)$/.test(name)
  ) {
    return 'counters';
  }
  if (/^(tselect|tdata\d|tinfo|tcontrol|[ms]context)$/.test(name)) return 'debug';
  if (number <= 3) return 'floating point';
  if (name.startsWith('vs')) return 'guest';
  if (csrIsHypervisor(number) || name.startsWith('h')) return 'hypervisor';
  return csrPrivilege(number) === 3 ? 'machine' : 'supervisor';
}

const groups = new Map<string, CsrGroup>(csrRows.map((row) => [row.name, groupOf(row)]));
const ownNames = new Map(guestCsrs);
const namesInGuest = new Map(guestCsrs.map(([asked, own]) => [own, asked]));

export interface CsrCell {
  /** The CSR itself. */
  readonly name: string;
  /** The name under which it is listed: to its guest, `vsstatus` is `sstatus`. */
  readonly shown: string;
  readonly group: CsrGroup;
  readonly summary: string;
  readonly value: bigint;
  readonly old: bigint;
  readonly changed: boolean;
  /** What its name means, or who calls it what, where there is something to say. */
  readonly alias: string;
  /** Somebody writes it, or there is something to say about why nobody does. */
  readonly traceable: boolean;
}

export interface CsrFilter {
  readonly group: CsrGroup;
  /** Part of a name or of a summary; looks in all groups. */
  readonly text: string;
  readonly changedOnly: boolean;
}

/** A guest was set up, or runs. */
export const hasGuests = ({ hart }: HartMoment): boolean =>
  hart !== undefined &&
  (hart.mode >= 4 || ['hgatp', 'vsatp', 'vstvec', 'hedeleg'].some((name) => (hart.csrs[name] ?? 0n) !== 0n));

function aliasOf(name: string, virtual: boolean): string {
  const own = ownNames.get(name);
  if (own !== undefined && virtual) return `of the host: while V=1, ${name} means ${own}`;
  const asked = namesInGuest.get(name);
  return asked === undefined ? '' : virtual ? `what the guest calls ${asked}` : `the guest’s ${asked}`;
}

function cellOf({ hart, old }: HartMoment, row: CsrRow): CsrCell {
  const { name, summary, storage } = row;
  const virtual = (hart?.mode ?? 0) >= 4;
  const value = hart?.csrs[name] ?? 0n;
  const before = old?.csrs[name] ?? value;
  const group = groups.get(name) ?? 'all';
  return {
    name,
    shown: name,
    group,
    summary,
    value,
    old: before,
    changed: before !== value,
    alias: aliasOf(name, virtual),
    traceable: storage.kind !== 'constant' || storage.value !== 0n,
  };
}

function listed(moment: HartMoment, { group, text }: CsrFilter): readonly CsrRow[] {
  if (text !== '') {
    const wanted = text.toLowerCase();
    return csrRows.filter(({ name, summary, fields }) =>
      [name, namesInGuest.get(name) ?? '', summary, ...fields.map((field) => field.name)].some((each) =>
        each.toLowerCase().includes(wanted),
      ),
    );
  }
  if (group === 'all') return csrRows.filter((row) => !isNothing(row));
  if (group !== 'traps') return csrRows.filter(({ name }) => groups.get(name) === group);
  const names = hasGuests(moment) ? [...trapCsrs, ...guestTrapCsrs] : trapCsrs;
  return names.flatMap((name) => csrByName(name) ?? []);
}

/** Those that read as zero for good stand behind all others. */
export function csrCells(moment: HartMoment, filter: CsrFilter): CsrCell[] {
  const rows = listed(moment, filter);
  const sorted = [...rows].sort((a, b) => Number(isNothing(a)) - Number(isNothing(b)));
  return sorted.map((row) => cellOf(moment, row)).filter(({ changed }) => changed || !filter.changedOnly);
}

const isNothing = ({ storage }: CsrRow): boolean => storage.kind === 'constant' && storage.value === 0n;

/** Cells under the heading of their group, in the order in which groups appear. */
export function byGroup<C extends CsrCell>(cells: readonly C[]): { group: CsrGroup; cells: C[] }[] {
  const found = Map.groupBy(cells, ({ group }) => group);
  return csrGroups.flatMap((group) => {
    const members = found.get(group);
    return members === undefined ? [] : [{ group, cells: members }];
  });
}
