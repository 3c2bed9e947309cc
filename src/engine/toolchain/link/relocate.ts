/** Applies every relocation, now or by leaving it to the loader. */

import { applyRelocation } from '../apply-relocation.ts';
import type { Reporter } from '../diagnostics.ts';
import type { ObjectFile, ObjectSection, Relocation } from '../object.ts';
import { isPcRelative, isPcrelHigh, isPcrelLow, type RelocationName } from '../relocations.ts';
import { type Complaints, createComplaints } from './complaints.ts';
import type { Contents } from './contents.ts';
import type { Inputs } from './inputs.ts';
import { addressOfInput, type Layout } from './layout.ts';
import type { Resolution } from './resolution.ts';
import type { Scanner, SlotKind } from './scan.ts';
import type { SymbolTable } from './symbols.ts';
import { isAboutThread, isThreadOffset, type Treatment } from './treatment.ts';

/** What the tables for the loader offer to relocation. */
export interface Tables {
  slotAddress(key: string): bigint | undefined;
  pltAddress(name: string): bigint | undefined;
  /** Leaves it to the loader to add the load address, or to look the symbol up. */
  leave(at: bigint, addend: bigint, symbol: string | undefined): void;
}

export interface RelocateTask {
  readonly objects: readonly ObjectFile[];
  readonly inputs: Inputs;
  readonly layout: Layout;
  readonly contents: Contents;
  readonly table: SymbolTable;
  readonly resolution: Resolution;
  readonly scanner: Scanner;
  readonly tables: Tables;
  /** Where the program's thread-local storage begins. */
  readonly threadStart: bigint;
  readonly reporter: Reporter;
}

/** One relocation at its place. */
export interface Job {
  readonly object: ObjectFile;
  readonly section: ObjectSection;
  readonly relocation: Relocation;
  /** Address of the place, and where it is in the output's bytes. */
  readonly at: bigint;
  readonly bytes: Uint8Array;
  readonly offset: number;
}

interface Work extends RelocateTask {
  readonly complaints: Complaints;
  /** Distances found by `auipc` relocations, by the address of the instruction. */
  readonly high: Map<bigint, bigint>;
}

export function relocateAll(task: RelocateTask): void {
  const { objects, inputs, layout, contents, reporter } = task;
  const work: Work = { ...task, complaints: createComplaints(task), high: new Map() };
  const low: Job[] = [];
  for (const object of objects) {
    object.sections.forEach((section, index) => {
      const input = section.relocations.length === 0 ? undefined : inputs.of(object, index);
      const place = input === undefined ? undefined : layout.places[input.id];
      const base = input === undefined ? undefined : addressOfInput(layout, input);
      const bytes = place === undefined ? undefined : contents[place.output];
      if (place === undefined || base === undefined || bytes === undefined || bytes.length === 0) return;
      for (const relocation of section.relocations) {
        if (reporter.exhausted) return;
        const at = BigInt.asUintN(64, base + BigInt(relocation.offset));
        const job = { object, section, relocation, at, bytes, offset: place.offset + relocation.offset };
        if (isPcrelLow(relocation.type)) low.push(job);
        else relocate(work, job);
      }
    });
  }
  for (const job of low) relocateLow(work, job);
}

function relocate(work: Work, job: Job): void {
  const treatment = work.scanner.treat(job);
  const { object, relocation } = job;
  const { type, symbol: index, addend } = relocation;
  const missingWeak = work.resolution.isMissingWeak(object, index);
  if (isAboutThread(type) && isOrdinary(work, job)) {
    work.complaints.ordinary(job);
    return;
  }
  if (treatment === 'refused') {
    work.complaints.refused(job);
    return;
  }
  if (missingWeak && treatment === 'link' && isFarCall(type)) {
    callZero(job.bytes, job.offset);
    return;
  }
  if (treatment === 'relative' || treatment === 'symbolic') {
    leaveToLoader(work, job, treatment);
    return;
  }
  const target = targetOf(work, job, treatment);
  if (target === undefined) return;
  const offset = isThreadOffset(type) ? work.threadStart : isPcRelative(type) ? job.at : 0n;
  const value = BigInt.asIntN(64, target + addend - offset);
  patch(work, job, value, missingWeak);
}

/** Something in the output defines the symbol, and not as thread-local. */
function isOrdinary({ table }: Work, { object, relocation }: Job): boolean {
  const symbol = object.symbols[relocation.symbol ?? -1];
  if (symbol === undefined) return false;
  const found = symbol.place.kind === 'undefined' ? table.globals.get(symbol.name) : { object, symbol };
  const place = found?.symbol.place;
  if (found === undefined || place?.kind !== 'section') return false;
  return found.object.sections[place.section]?.flags.thread !== true;
}

function patch(work: Work, job: Job, value: bigint, missingWeak: boolean): void {
  const { type } = job.relocation;
  if (isPcrelHigh(type)) work.high.set(job.at, value);
  const misfit = applyRelocation(job.bytes, job.offset, type, value);
  if (misfit === undefined) return;
  if (missingWeak && type === 'R_RISCV_PCREL_HI20') {
    toAbsolute(job.bytes, job.offset);
    work.high.set(job.at, 0n);
  } else work.complaints.misfit(job, value, misfit);
}

function leaveToLoader(work: Work, job: Job, treatment: Treatment): void {
  const { object, relocation, at } = job;
  const { symbol: index, addend } = relocation;
  if (treatment === 'symbolic') {
    work.tables.leave(at, addend, object.symbols[index ?? -1]?.name);
    return;
  }
  const target = targetOf(work, job, 'link');
  if (target !== undefined) work.tables.leave(at, BigInt.asIntN(64, target + addend), undefined);
}

/** The address that the relocation is about: the symbol's, or that of its entry in a table. Undefined after an error. */
function targetOf(work: Work, job: Job, treatment: Treatment): bigint | undefined {
  const { resolution, scanner, tables, complaints } = work;
  const { object, relocation, section } = job;
  const { symbol: index, addend } = relocation;
  if (treatment === 'got' || treatment === 'threadOffset' || treatment === 'threadPair') {
    // An entry is made for the symbol with its addend; it is not to be added again.
    const slot = tables.slotAddress(scanner.slotKey(job, treatment satisfies SlotKind));
    if (slot !== undefined) return slot - addend;
  }
  if (treatment === 'plt') return tables.pltAddress(object.symbols[index ?? -1]?.name ?? '');
  const address = index === undefined ? 0n : resolution.addressOf(object, index);
  if (address !== undefined) return address;
  if (!section.flags.alloc) return 0n;
  if (resolution.isRemoved(object, index)) complaints.removed(job);
  else complaints.undefined(job);
  return undefined;
}

function relocateLow(work: Work, job: Job): void {
  const { symbol, type } = job.relocation;
  const label = symbol === undefined ? undefined : work.resolution.addressOf(job.object, symbol);
  const value = label === undefined ? undefined : work.high.get(label);
  if (value !== undefined) applyRelocation(job.bytes, job.offset, type, value);
  else if (!work.reporter.failed) work.complaints.lowWithoutHigh(job);
}

const isFarCall = (type: RelocationName): boolean => type === 'R_RISCV_CALL' || type === 'R_RISCV_CALL_PLT';

/** As GNU ld: the `jalr` of the pair takes `x0` as its base, bits 19 to 15, and so calls address zero. */
function callZero(bytes: Uint8Array, offset: number): void {
  bytes[offset + 5] = (bytes[offset + 5] ?? 0) & 0x7f;
  bytes[offset + 6] = (bytes[offset + 6] ?? 0) & 0xf0;
}

/** Where zero is too far for the pc, `auipc` becomes `lui`, as in GNU ld: their opcodes differ in one bit. */
function toAbsolute(bytes: Uint8Array, offset: number): void {
  bytes[offset] = (bytes[offset] ?? 0) | 0x20;
}
