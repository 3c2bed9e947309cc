/** The plan with addresses. An expression may ask about what comes later, so passes are made until nothing moves. */
import type { Reporter } from '../diagnostics.ts';
import { checkLayout } from './check-layout.ts';
import type { Input, Inputs } from './inputs.ts';
import { runPass } from './layout-pass.ts';
import { isOutput, type Plan, type PlannedOutput } from './plan.ts';
import type { Name, Script } from './script/script.ts';
import type { SymbolTable } from './symbols.ts';
import type { Value } from './values.ts';

export interface Piece {
  readonly input: Input;
  readonly offset: number;
}

export interface DataPiece {
  readonly offset: number;
  readonly bytes: 1 | 2 | 4 | 8;
  readonly value: bigint;
}

/** A gap that is not to be filled with zeros. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly pattern: Uint8Array;
}

export interface PlacedOutput {
  readonly planned: PlannedOutput;
  readonly address: bigint;
  readonly loadAddress: bigint;
  readonly size: number;
  readonly alignment: number;
  readonly pieces: readonly Piece[];
  readonly data: readonly DataPiece[];
  readonly gaps: readonly Gap[];
  /** Segments of PHDRS that it was put into, its own or those of the section before it. */
  readonly segments: readonly Name[];
}

export interface ScriptSymbol {
  readonly value: Value;
  readonly hidden: boolean;
  /** By PROVIDE: it gives way to a definition in an object. */
  readonly provided: boolean;
}

export interface RegionUse {
  readonly name: string;
  readonly origin: bigint;
  readonly length: bigint;
}

export interface Layout {
  readonly outputs: readonly PlacedOutput[];
  readonly symbols: ReadonlyMap<string, ScriptSymbol>;
  /** What PROVIDE would define if something asked for it. */
  readonly offered: ReadonlyMap<string, Value>;
  readonly regions: ReadonlyMap<string, RegionUse>;
  /** Where each input went, by its id: the output's index and the offset in it. */
  readonly places: readonly (InputPlace | undefined)[];
  readonly end: bigint;
}

export interface InputPlace {
  readonly output: number;
  readonly offset: number;
}

export interface LayoutTask {
  readonly script: Script;
  readonly plan: Plan;
  readonly inputs: Inputs;
  readonly table: SymbolTable;
  /** What is added to addresses to get load addresses, where the script says nothing. */
  readonly loadDelta: bigint;
  /** What SIZEOF_HEADERS is: at least what the file's headers take. */
  readonly headersSize: bigint;
}

const maxPasses = 20;

const sameValue = (a: Value | undefined, b: Value): boolean =>
  a !== undefined && a.value === b.value && a.base === b.base;

function settled(before: Layout | undefined, after: Layout): boolean {
  if (before === undefined) return false;
  const still = after.outputs.every((output, index) => {
    const old = before.outputs[index];
    return old?.address === output.address && old.size === output.size && old.loadAddress === output.loadAddress;
  });
  return still && [...after.symbols].every(([name, { value }]) => sameValue(before.symbols.get(name)?.value, value));
}

const quiet = (): void => undefined;

export function layOut(task: LayoutTask, reporter: Reporter): Layout {
  let last = runPass(task, undefined, quiet);
  for (let passes = 1; passes < maxPasses; passes++) {
    const next = runPass(task, last, quiet);
    const done = settled(last, next);
    last = next;
    if (done) break;
  }
  const final = runPass(task, last, (at, message, hint) => reporter.error(at, message, hint));
  const first = task.plan.statements.find(isOutput);
  if (!settled(last, final) && first !== undefined) {
    const hint = 'an address or a symbol depends on itself';
    reporter.error(first.at, 'the addresses of this script do not settle', hint);
  }
  checkLayout(final, reporter);
  return final;
}

/** The whole address of a value, in a finished layout. */
export function addressOfValue(layout: Layout, { value, base }: Value): bigint {
  const start = typeof base === 'number' ? (layout.outputs[base]?.address ?? 0n) : 0n;
  return BigInt.asUintN(64, value + start);
}

export function addressOfInput(layout: Layout, input: Input): bigint | undefined {
  const place = layout.places[input.id];
  const output = place === undefined ? undefined : layout.outputs[place.output];
  return place === undefined || output === undefined ? undefined : output.address + BigInt(place.offset);
}
