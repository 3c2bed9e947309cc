/** What is said about relocations that cannot be carried out, in the source's terms. */
import { registerNumber } from '../../isa/registers.ts';
import type { Misfit } from '../apply-relocation.ts';
import type { Reporter, Span } from '../diagnostics.ts';
import { type ObjectFile, type ObjectSymbol, objectSpan, objectTitle } from '../object.ts';
import { isPcRelative, type RelocationName } from '../relocations.ts';
import { didYouMean } from '../suggest.ts';
import type { Layout } from './layout.ts';
import type { Job } from './relocate.ts';

export interface Complaints {
  undefined(job: Job): void;
  removed(job: Job): void;
  refused(job: Job): void;
  /** Something that is not thread-local is used as if it were. */
  ordinary(job: Job): void;
  misfit(job: Job, value: bigint, misfit: Misfit): void;
  lowWithoutHigh(job: Job): void;
}

interface Facts {
  readonly objects: readonly ObjectFile[];
  readonly layout: Layout;
  readonly reporter: Reporter;
}

export function createComplaints(facts: Facts): Complaints {
  /** A misspelt symbol is often used many times. */
  const hints = new Map<string, string | undefined>();
  const { reporter } = facts;
  return {
    undefined: (job) => reportUndefined(job, facts, hints),
    removed: (job) =>
      reporter.error(
        spanOf(job),
        `${targetName(job)} lies in a section that the linker left out${where(job)}`,
        'KEEP the section, or do not discard it',
      ),
    refused: (job) => reportRefused(job, reporter),
    ordinary: (job) =>
      reporter.error(
        spanOf(job),
        `${targetName(job)} is not thread-local: it has an address, and no offset from \`tp\`${where(job)}`,
        'put it into `.tdata` or `.tbss`, or use `la`',
      ),
    misfit: (job, value, misfit) => reportMisfit(job, value, misfit, reporter),
    lowWithoutHigh: (job) =>
      reporter.error(
        spanOf(job),
        `\`%pcrel_lo\` does not name an \`auipc\` with \`%pcrel_hi\`${where(job)}`,
        'it takes the label of the `auipc` with `%pcrel_hi`, not the symbol itself; `la` does both',
      ),
  };
}

const spanOf = ({ object, relocation }: Job): Span => relocation.at ?? objectSpan(object);

/** For objects without sources: the function, or the section and offset. */
function where({ object, section, relocation }: Job): string {
  if (relocation.at !== undefined) return '';
  const index = object.sections.indexOf(section);
  const inside = object.symbols.find(
    ({ place, size, kind }) =>
      kind === 'function' &&
      place.kind === 'section' &&
      place.section === index &&
      place.offset <= relocation.offset &&
      relocation.offset < place.offset + size,
  );
  const offset = `0x${relocation.offset.toString(16)}`;
  return inside === undefined ? ` (at ${section.name}+${offset})` : ` (in \`${inside.name}\`)`;
}

/** Labels may be named like registers, so it takes the linker to tell a register where a label should be. */
const registerHints: Partial<Record<RelocationName, string>> = {
  R_RISCV_JAL: 'to jump to the address in it, use `jr %`; to call it, `jalr %`',
  R_RISCV_CALL_PLT: 'to call the address in it, use `jalr %`; to jump there, `jr %`',
  R_RISCV_PCREL_HI20: 'to copy a register, use `mv`; to load from the address in it, `0(%)`',
};

function reportUndefined(job: Job, facts: Facts, hints: Map<string, string | undefined>): void {
  const { object, relocation } = job;
  const { reporter } = facts;
  const symbol = object.symbols[relocation.symbol ?? -1];
  const at = spanOf(job);
  if (symbol === undefined) return;
  const { name } = symbol;
  if (symbol.hidden && /^\d+$/.test(name)) {
    reporter.error(at, `no label \`${name}:\` follows`, `for one that stands before, write \`${name}b\``);
    return;
  }
  if (registerNumber(name) !== undefined) {
    const hint = registerHints[relocation.type]?.replaceAll('%', name);
    reporter.error(at, `\`${name}\` is a register; a label is needed here`, hint);
    return;
  }
  if (object.library === true) {
    reportMissing(name, object, facts);
    return;
  }
  const key = `${objectTitle(object)}\n${name}`;
  if (!hints.has(key)) hints.set(key, undefinedHint(name, object, facts));
  reporter.error(at, `undefined symbol \`${name}\`${where(job)}`, hints.get(key));
}

/** A library asks for what the program owes it: that is told of the program, whose author never opened the library. */
function reportMissing(name: string, asking: ObjectFile, { objects, reporter }: Facts): void {
  const own = objects.filter(({ library }) => library !== true);
  const written = own.flatMap(({ symbols }) => symbols.filter((each) => isDefined(each) && !each.hidden));
  const near = didYouMean(
    name,
    written.map((each) => each.name),
  );
  const begins = name === 'main' ? ': a program in C begins there, one in assembly at `_start`' : '';
  const hint = `${objectTitle(asking)} calls it${begins}`;
  const [first = asking] = own;
  reporter.error(objectSpan(first), `the program has no \`${name}\``, near === undefined ? hint : `${near} ${hint}`);
}

const isDefined = (symbol: ObjectSymbol): boolean => symbol.place.kind !== 'undefined';

function undefinedHint(name: string, object: ObjectFile, { objects, layout }: Facts): string | undefined {
  for (const other of objects) {
    const local = other.symbols.find((symbol) => symbol.name === name && isDefined(symbol));
    if (local === undefined || other === object) continue;
    const title = objectTitle(other);
    return `${title} defines it: write \`.globl ${name}\` there${other.archive === undefined ? '' : ', or without `static`'}`;
  }
  const own = object.symbols.filter((symbol) => isDefined(symbol) && !symbol.hidden);
  const global = objects.flatMap(({ symbols }) =>
    symbols.filter((each) => each.binding !== 'local' && isDefined(each)),
  );
  const known = [...own, ...global].map((symbol) => symbol.name);
  return didYouMean(name, known) ?? didYouMean(name, [...layout.symbols.keys(), ...layout.offered.keys()]);
}

function reportRefused(job: Job, reporter: Reporter): void {
  const { type } = job.relocation;
  const thread = type.includes('TPREL');
  const message = thread
    ? `the offset of ${targetName(job)} from \`tp\` is not known when a shared object is linked`
    : `the address of ${targetName(job)} is not known when this is linked`;
  const hint = thread
    ? 'use `la.tls.ie` or `la.tls.gd`; in C, compile with -fPIC'
    : 'take it from the global offset table: `.option pic` before `la`; in C, compile with -fPIC';
  reporter.error(spanOf(job), `${message}${where(job)}`, hint);
}

/** Rounded, so that the 4094 bytes which a branch reaches are 4 KiB. */
const bytesText = (value: bigint): string => {
  const size = (value < 0n ? -value : value) + 2n;
  const rounded = (bits: bigint): bigint => (size + (1n << (bits - 1n))) >> bits;
  if (size >= 1n << 30n) return `${rounded(30n)} GiB`;
  if (size >= 1n << 20n) return `${rounded(20n)} MiB`;
  return size >= 1n << 10n ? `${rounded(10n)} KiB` : `${size - 2n} bytes`;
};

const farHints: Partial<Record<RelocationName, string>> = {
  R_RISCV_BRANCH: 'branch over a `j` or `tail`',
  R_RISCV_RVC_BRANCH: 'write it without `c.`: `beqz` and `bnez` reach 4 KiB, and further by themselves',
  R_RISCV_RVC_JUMP: 'write it without `c.`: `j` reaches 1 MiB',
  R_RISCV_JAL: 'use `call` or `tail`, which reach 2 GiB',
  R_RISCV_HI20: '`lui` reaches only 2 GiB around zero: use `la`, which is relative to the pc',
  R_RISCV_PCREL_HI20: 'put the address into memory (`.dword symbol`) and load it from there',
  R_RISCV_32: 'use `.dword`: an address has 64 bits',
};

function targetName({ object, relocation: { symbol, addend } }: Job): string {
  const found = symbol === undefined ? undefined : object.symbols[symbol];
  if (found === undefined) return `0x${BigInt.asUintN(64, addend).toString(16)}`;
  return found.hidden ? 'the target' : `\`${found.name}\``;
}

function reportMisfit(job: Job, value: bigint, misfit: Misfit, reporter: Reporter): void {
  const { type } = job.relocation;
  const at = spanOf(job);
  const target = targetName(job);
  if (misfit.kind === 'step') {
    reporter.error(
      at,
      `${target} is not at a multiple of ${misfit.step} from here${where(job)}`,
      'align it: `.balign 4`',
    );
    return;
  }
  if (misfit.kind === 'length') {
    reporter.error(at, `the distance to ${target} takes more bytes than were left for it${where(job)}`);
    return;
  }
  const message = isPcRelative(type)
    ? `${target} is ${bytesText(value)} away; this reaches ${bytesText(misfit.max)}`
    : `the address of ${target}, 0x${BigInt.asUintN(64, value).toString(16)}, does not fit`;
  reporter.error(at, `${message}${where(job)}`, farHints[type]);
}
