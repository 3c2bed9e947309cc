/**
 * Lines of functions that were taken in by their callers. Each is at several places of the code then; and a line that does
 * nothing but call such a function has no code of its own, and is where that function's code begins.
 */
import { tags } from '../dwarf.ts';
import type { Image, LineEntry } from '../image.ts';
import { childrenOf, type Entry } from './entries.ts';
import { isStop, lineAt } from './lines.ts';
import { rangesOf } from './lists.ts';
import { functionAt, type Program } from './program.ts';
import { callSiteOf, isScope, scopesAt } from './scopes.ts';

export type SourceLine = Pick<LineEntry, 'file' | 'line'>;

interface Place {
  readonly line: number;
  readonly address: bigint;
  /** The function, or what was taken in, whose line it is: the offset of its entry; -1 where nothing is known. */
  owner(): number;
}

/** Of the code at `pc`, and of the calls by which it was taken in. */
export function placesAt(program: Program, image: Image, pc: bigint): SourceLine[] {
  const own = lineAt(program, image, pc);
  const whole = functionAt(program, pc);
  const scopes = whole === undefined ? [] : scopesAt(whole, pc);
  const calls = scopes.filter(({ tag }) => tag === tags.inlined).map((each) => callSiteOf(program, each));
  return own === undefined ? calls : [own, ...calls];
}

/**
 * Where a breakpoint on the line goes, once for each place that it was put to; for a line without code, those of the next
 * one that has some. `file`: as the line map has it.
 */
export function breakpointsAt(program: Program, image: Image, file: string, line: number): bigint[] {
  const places = [...rowsIn(program, image, file), ...callsIn(program, file)].filter((each) => each.line >= line);
  const nearest = Math.min(...places.map((each) => each.line));
  const first = new Map<number, bigint>();
  for (const place of places) {
    if (place.line !== nearest) continue;
    const owner = place.owner();
    const known = first.get(owner);
    if (known === undefined || place.address < known) first.set(owner, place.address);
  }
  return [...new Set(first.values())].sort((a, b) => (a < b ? -1 : 1));
}

const unitsWith = (program: Program, file: string): Program['units'] =>
  program.units.filter((unit) => program.filesOf(unit).includes(file));

/** The line map is of what was built here, assembly included; a file from elsewhere has its own tables alone. */
function rowsIn(program: Program, image: Image, file: string): Place[] {
  const { lines } = image;
  const all = lines.length > 0 ? lines : unitsWith(program, file).flatMap((unit) => program.linesOf(unit));
  return all
    .filter((row) => isStop(row) && row.file === file)
    .map(({ line, address }) => ({ line, address, owner: () => ownerAt(program, address) }));
}

function ownerAt(program: Program, address: bigint): number {
  const whole = functionAt(program, address);
  const scopes = whole === undefined ? [] : scopesAt(whole, address);
  return (scopes.find(({ tag }) => tag === tags.inlined) ?? whole?.entry)?.offset ?? -1;
}

function* callsIn(program: Program, file: string): Generator<Place> {
  for (const unit of unitsWith(program, file)) {
    for (const { entry } of program.functionsOf(unit)) yield* callsWithin(program, file, entry, entry.offset);
  }
}

function* callsWithin(program: Program, file: string, scope: Entry, owner: number): Generator<Place> {
  for (const inner of childrenOf(scope)) {
    if (!isScope(inner)) continue;
    if (inner.tag !== tags.inlined) yield* callsWithin(program, file, inner, owner);
    else {
      const site = callSiteOf(program, inner);
      const [address] = rangesOf(inner)
        .map(({ from }) => from)
        .sort((a, b) => (a < b ? -1 : 1));
      if (address !== undefined && site.file === file) yield { line: site.line, address, owner: () => owner };
      yield* callsWithin(program, file, inner, inner.offset);
    }
  }
}
