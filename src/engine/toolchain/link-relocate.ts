/** Applies every relocation, and says in the source's terms what cannot be reached or found. */
import { registerNumber } from '../isa/registers.ts';
import type { Reporter, Span } from './diagnostics.ts';
import type { Placement } from './link-place.ts';
import { linkerSymbols, type Resolution } from './link-symbols.ts';
import type { ObjectFile, ObjectSymbol, Relocation } from './object.ts';
import { applyRelocation, isPcRelative, isPcrelLow, type Misfit, type RelocationName } from './relocations.ts';
import { didYouMean } from './suggest.ts';

interface Job {
  readonly object: ObjectFile;
  readonly base: bigint;
  readonly relocation: Relocation;
}

interface Context {
  readonly objects: readonly ObjectFile[];
  readonly placement: Placement;
  readonly resolution: Resolution;
  readonly reporter: Reporter;
  /** Hints for undefined symbols, by file and name: a misspelt one is often used many times. */
  readonly hints: Map<string, string | undefined>;
}

interface LowJob {
  readonly job: Job;
  readonly bytes: Uint8Array;
  readonly offset: number;
}

export function relocateAll(
  objects: readonly ObjectFile[],
  placement: Placement,
  resolution: Resolution,
  reporter: Reporter,
): void {
  const context: Context = { objects, placement, resolution, reporter, hints: new Map() };
  /** Distances found by `auipc` relocations, by the address of the instruction. */
  const high = new Map<bigint, bigint>();
  const low: LowJob[] = [];
  for (const object of objects) {
    object.sections.forEach((section, index) => {
      const base = placement.addressOf(object, index);
      const room = placement.bytesOf(object, index);
      if (base === undefined || room === undefined) return;
      for (const relocation of section.relocations) {
        if (reporter.exhausted) return;
        const job: Job = { object, base, relocation };
        const offset = room.offset + relocation.offset;
        if (isPcrelLow(relocation.type)) low.push({ job, bytes: room.bytes, offset });
        else relocate(context, job, room.bytes, offset, high);
      }
    });
  }
  for (const each of low) relocateLow(context, each, high);
}

function relocate(context: Context, job: Job, bytes: Uint8Array, offset: number, high: Map<bigint, bigint>): void {
  const { base, relocation } = job;
  const missingWeak = isMissingWeak(job, context.resolution);
  if (missingWeak && isCall(relocation.type)) {
    callZero(bytes, offset);
    return;
  }
  const value = relocationValue(context, job);
  if (value === undefined) return;
  const at = base + BigInt(relocation.offset);
  if (relocation.type === 'R_RISCV_PCREL_HI20') high.set(at, value);
  const misfit = applyRelocation(bytes, offset, relocation.type, value);
  if (misfit === undefined) return;
  if (missingWeak && relocation.type === 'R_RISCV_PCREL_HI20') {
    toAbsolute(bytes, offset);
    high.set(at, 0n);
  } else reportMisfit(job, value, misfit, context.reporter);
}

function relocateLow(context: Context, { job, bytes, offset }: LowJob, high: ReadonlyMap<bigint, bigint>): void {
  const { resolution, reporter } = context;
  const { symbol, type, at } = job.relocation;
  const label = symbol === undefined ? undefined : resolution.addressOf(job.object, symbol);
  const value = label === undefined ? undefined : high.get(label);
  if (value !== undefined) applyRelocation(bytes, offset, type, value);
  else if (at !== undefined && !reporter.failed) {
    const hint = 'it takes the label of the `auipc` with `%pcrel_hi`, not the symbol itself; `la` does both';
    reporter.error(at, '`%pcrel_lo` does not name an `auipc` with `%pcrel_hi`', hint);
  }
}

/** The symbol is weak and nothing defines it: its value is zero. */
function isMissingWeak({ object, relocation }: Job, resolution: Resolution): boolean {
  const symbol = object.symbols[relocation.symbol ?? -1];
  if (symbol?.binding !== 'weak' || symbol.place.kind !== 'undefined') return false;
  return !resolution.globals.has(symbol.name) && !resolution.provided.has(symbol.name);
}

const isCall = (type: RelocationName): boolean => type === 'R_RISCV_CALL' || type === 'R_RISCV_CALL_PLT';

/** As GNU ld: the `jalr` of the pair takes `x0` as its base, bits 19 to 15, and so calls address zero. */
function callZero(bytes: Uint8Array, offset: number): void {
  bytes[offset + 5] = (bytes[offset + 5] ?? 0) & 0x7f;
  bytes[offset + 6] = (bytes[offset + 6] ?? 0) & 0xf0;
}

/** Where zero is too far for the pc, `auipc` becomes `lui`, as in GNU ld: their opcodes differ in one bit. */
function toAbsolute(bytes: Uint8Array, offset: number): void {
  bytes[offset] = (bytes[offset] ?? 0) | 0x20;
}

/** The symbol's value plus the addend, less the place where the relocation is relative to it. */
function relocationValue(context: Context, job: Job): bigint | undefined {
  const { object, base, relocation } = job;
  const { symbol, addend, type, offset } = relocation;
  const address = symbol === undefined ? 0n : context.resolution.addressOf(object, symbol);
  if (address === undefined) {
    reportUndefined(context, job);
    return undefined;
  }
  const value = BigInt.asIntN(64, address + addend);
  return isPcRelative(type) ? BigInt.asIntN(64, value - base - BigInt(offset)) : value;
}

/** Labels may be named like registers, so it takes the linker to tell a register where a label should be. */
const registerHints: Partial<Record<RelocationName, string>> = {
  R_RISCV_JAL: 'to jump to the address in it, use `jr %`; to call it, `jalr %`',
  R_RISCV_CALL_PLT: 'to call the address in it, use `jalr %`; to jump there, `jr %`',
  R_RISCV_PCREL_HI20: 'to copy a register, use `mv`; to load from the address in it, `0(%)`',
};

function reportUndefined(context: Context, { object, relocation }: Job): void {
  const { reporter, hints } = context;
  const symbol = object.symbols[relocation.symbol ?? -1];
  const at: Span = relocation.at ?? { file: object.name, line: 1, column: 1, endColumn: 2 };
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
  const key = `${object.name}\n${name}`;
  if (!hints.has(key)) hints.set(key, undefinedHint(name, object, context));
  reporter.error(at, `undefined symbol \`${name}\``, hints.get(key));
}

const isDefined = (symbol: ObjectSymbol): boolean => symbol.place.kind !== 'undefined';

function undefinedHint(name: string, object: ObjectFile, { objects, placement }: Context): string | undefined {
  for (const other of objects) {
    const local = other.symbols.find((symbol) => symbol.name === name && isDefined(symbol));
    if (local !== undefined && other !== object) return `${other.name} defines it: write \`.globl ${name}\` there`;
  }
  const own = object.symbols.filter((symbol) => isDefined(symbol) && !symbol.hidden);
  const global = objects.flatMap(({ symbols }) =>
    symbols.filter((each) => each.binding !== 'local' && isDefined(each)),
  );
  const known = [...own, ...global].map((symbol) => symbol.name);
  return didYouMean(name, known) ?? didYouMean(name, linkerSymbols(placement).keys());
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

function reportMisfit({ object, relocation }: Job, value: bigint, misfit: Misfit, reporter: Reporter): void {
  const { type, symbol, at, addend } = relocation;
  const span: Span = at ?? { file: object.name, line: 1, column: 1, endColumn: 2 };
  const name = symbol === undefined ? undefined : object.symbols[symbol];
  const target =
    name === undefined
      ? `0x${BigInt.asUintN(64, addend).toString(16)}`
      : name.hidden
        ? 'the target'
        : `\`${name.name}\``;
  if (misfit.kind === 'step') {
    reporter.error(span, `${target} is not at a multiple of ${misfit.step} from here`, 'align it: `.balign 4`');
    return;
  }
  const message = isPcRelative(type)
    ? `${target} is ${bytesText(value)} away; this reaches ${bytesText(misfit.max)}`
    : `the address of ${target}, 0x${BigInt.asUintN(64, value).toString(16)}, does not fit`;
  reporter.error(span, message, farHints[type]);
}
