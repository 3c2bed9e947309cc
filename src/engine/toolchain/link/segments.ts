/** Sections → program headers: those that PHDRS describes, or one for each run of sections with the same permissions. */
import { fileHeader, identification, programHeader, segmentFlags, segmentTypes, sizeOf } from '../elf-format.ts';
import type { LinkedSection, LinkedSegment } from './linked.ts';
import type { SegmentDescription } from './script/script.ts';

/** Loaders map files by pages: offset and address agree modulo this. */
export const page = 0x1000n;

export const headersSizeFor = (segments: number): number =>
  identification.length + sizeOf(fileHeader) + segments * sizeOf(programHeader);

const flagsOf = (sections: readonly LinkedSection[]): bigint =>
  segmentFlags.read |
  (sections.some(({ flags }) => flags.write) ? segmentFlags.write : 0n) |
  (sections.some(({ flags }) => flags.execute) ? segmentFlags.execute : 0n);

const isThreadZeros = ({ flags }: LinkedSection): boolean => flags.thread === true && flags.nobits;
const end = ({ address, size }: LinkedSection): bigint => address + BigInt(size);

/** Extent of the sections in memory and in the file. */
function extent(sections: readonly LinkedSection[], type: bigint): Omit<LinkedSegment, 'type' | 'flags' | 'headers'> {
  const first = sections[0];
  const address = first?.address ?? 0n;
  const counted = type === segmentTypes.thread ? sections : sections.filter((each) => !isThreadZeros(each));
  const top = (list: readonly LinkedSection[]): bigint =>
    list.reduce((most, each) => (end(each) > most ? end(each) : most), address);
  const alignment = Math.max(1, ...sections.map((each) => each.alignment));
  return {
    address,
    loadAddress: first?.loadAddress ?? 0n,
    fileSize: Number(top(counted.filter(({ flags }) => !flags.nobits)) - address),
    memorySize: Number(top(counted) - address),
    alignment: type === segmentTypes.load ? page : BigInt(alignment),
    sections,
  };
}

export function segmentOf(type: bigint, sections: readonly LinkedSection[], flags = flagsOf(sections)): LinkedSegment {
  return { type, flags, headers: false, ...extent(sections, type) };
}

const sameDelta = (last: LinkedSection, next: LinkedSection): boolean =>
  next.loadAddress - next.address === last.loadAddress - last.address;

/** Loaders map whole pages: what shares one is in one segment, with the permissions of both. */
const sharesPage = (last: LinkedSection, next: LinkedSection): boolean =>
  last.size > 0 &&
  (end(last) - 1n) / page === next.address / page &&
  last.flags.nobits === next.flags.nobits &&
  sameDelta(last, next);

/** Zeros between bytes have to be in the file: if there are many, what follows them begins a segment. */
const mostZeros = 0x10000;

const isZeros = ({ flags }: LinkedSection): boolean => flags.nobits && flags.thread !== true;

function continues(last: LinkedSection, next: LinkedSection, run: readonly LinkedSection[]): boolean {
  const samePermissions = last.flags.write === next.flags.write && last.flags.execute === next.flags.execute;
  const gap = next.address - end(last);
  const zeros = run.filter(isZeros).reduce((sum, { size }) => sum + size, 0);
  const fills = next.flags.nobits || zeros <= mostZeros;
  return samePermissions && sameDelta(last, next) && gap >= 0n && gap < page && fills;
}

export interface SegmentRules {
  /** The script leaves room for headers before the first section. */
  readonly headers: boolean;
  /** Whoever loads the file may map whole pages. */
  readonly paged: boolean;
  /** Everything that is loaded is in one segment. */
  readonly together: boolean;
}

/** `sections`: those with a size that are loaded, in the order of their addresses. */
function runsOf(sections: readonly LinkedSection[], { paged }: SegmentRules): LinkedSection[][] {
  const runs: LinkedSection[][] = [];
  for (const section of sections) {
    const run = runs.at(-1);
    const last = run?.findLast((each) => !isThreadZeros(each)) ?? run?.at(-1);
    if (run === undefined || last === undefined) runs.push([section]);
    else if (isThreadZeros(section) || continues(last, section, run) || (paged && sharesPage(last, section))) {
      run.push(section);
    } else runs.push([section]);
  }
  return runs;
}

const byAddress = (a: LinkedSection, b: LinkedSection): number =>
  a.address < b.address ? -1 : a.address > b.address ? 1 : 0;

export function planSegments(
  sections: readonly LinkedSection[],
  rules: SegmentRules,
  extra: readonly LinkedSegment[],
): LinkedSegment[] {
  const { headers, together } = rules;
  const loaded = sections.filter(({ flags, size }) => flags.alloc && size > 0).sort(byAddress);
  const runs = together && loaded.length > 0 ? [loaded] : runsOf(loaded, rules);
  const loads = runs.map((run) => segmentOf(segmentTypes.load, run));
  const others = [...roleSegments(loaded), ...extra];
  const before = others.filter(({ type }) => type === segmentTypes.interpreter);
  const after = others.filter(({ type }) => type !== segmentTypes.interpreter);
  const [first, ...rest] = loads;
  // The loader that a program names finds the headers by PT_PHDR, which counts itself.
  const size = headersSizeFor(loads.length + others.length + 1);
  if (!headers || first === undefined || first.address % page < BigInt(size)) return [...before, ...loads, ...after];
  const whole = withHeaders(first);
  if (before.length === 0) return [whole, ...rest, ...after];
  const table: LinkedSegment = {
    type: segmentTypes.headers,
    flags: segmentFlags.read,
    headers: false,
    address: whole.address + BigInt(headersSizeFor(0)),
    loadAddress: whole.loadAddress + BigInt(headersSizeFor(0)),
    fileSize: size - headersSizeFor(0),
    memorySize: size - headersSizeFor(0),
    alignment: 8n,
    sections: [],
  };
  return [table, ...before, whole, ...rest, ...after];
}

/** From the start of the page, which is the start of the file. */
function withHeaders(segment: LinkedSegment): LinkedSegment {
  const room = Number(segment.address % page);
  return {
    ...segment,
    headers: true,
    address: segment.address - BigInt(room),
    loadAddress: segment.loadAddress - BigInt(room),
    fileSize: segment.fileSize + room,
    memorySize: segment.memorySize + room,
  };
}

/** Segments by which loaders and tools find a section. */
function roleSegments(loaded: readonly LinkedSection[]): LinkedSegment[] {
  const segments: LinkedSegment[] = [];
  const add = (type: bigint, wanted: (section: LinkedSection) => boolean): void => {
    const found = loaded.filter(wanted);
    if (found.length > 0) segments.push(segmentOf(type, found));
  };
  add(segmentTypes.interpreter, ({ name }) => name === '.interp');
  add(segmentTypes.dynamic, ({ role }) => role === 'dynamic');
  for (const note of loaded.filter(({ role }) => role === 'note')) segments.push(segmentOf(segmentTypes.note, [note]));
  add(segmentTypes.thread, ({ flags }) => flags.thread === true);
  return segments;
}

export interface DescribedSegment {
  readonly description: SegmentDescription;
  readonly type: bigint;
  readonly flags: bigint | undefined;
  readonly loadAddress: bigint | undefined;
  readonly sections: readonly LinkedSection[];
}

/** As PHDRS says. */
export function describedSegments(described: readonly DescribedSegment[]): LinkedSegment[] {
  const size = headersSizeFor(described.length);
  return described.map(({ description, type, flags, loadAddress, sections }) => {
    const plain = segmentOf(type, [...sections].sort(byAddress), flags);
    const wantsHeaders = description.fileHeader || description.programHeaders;
    const fits = sections.length > 0 && plain.address % page >= BigInt(size);
    const segment = wantsHeaders && fits ? withHeaders(plain) : plain;
    return loadAddress === undefined ? segment : { ...segment, loadAddress };
  });
}
