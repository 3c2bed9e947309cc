/** The wasm side of a machine: its memory, and the interpreter in it. The module is compiled once per process. */

import { emitInterpreter } from './interpreter-module.ts';
import { mostRam, pageBytes, ramAt, wasmPageBytes } from './layout.ts';
import { memoryMap } from './memory-map.ts';
import type { SlowPathName } from './module-functions.ts';
import type { Translation } from './translation/procedures.ts';

/** Hart state, then RAM, then ROM. Throws a `RangeError` when RAM has no size that a board can have. */
export function newMemory(ram: number): WebAssembly.Memory {
  if (!Number.isInteger(ram) || ram < pageBytes || ram > mostRam || ram % pageBytes !== 0) {
    throw new RangeError(`RAM is ${ram} bytes; it takes a multiple of ${pageBytes} up to ${mostRam} (2 GiB).`);
  }
  const pages = Math.ceil((ramAt + ram + memoryMap.rom.size) / wasmPageBytes);
  return new WebAssembly.Memory({ initial: pages, maximum: pages });
}

let compiled: Promise<WebAssembly.Module> | undefined;

export interface Instance {
  /** Runs the hart whose state is at an address, until its `remaining` is spent. */
  readonly run: (hart: number) => void;
  readonly translation: Translation;
  /** What the interpreter's module offers to translated code. */
  readonly library: WebAssembly.Exports;
}

/** `table`: the functions that hot code was translated to. */
export async function instantiate(
  memory: WebAssembly.Memory,
  table: WebAssembly.Table,
  slowPaths: Readonly<Record<SlowPathName, (argument: number) => number>>,
): Promise<Instance> {
  compiled ??= WebAssembly.compile(emitInterpreter());
  const { exports } = await WebAssembly.instantiate(await compiled, { env: { memory, table, ...slowPaths } });
  const { resolve, inspect, load, store, remove } = exports as unknown as Translation;
  return {
    run: exports.run as (hart: number) => void,
    translation: { resolve, inspect, load, store, remove },
    library: exports,
  };
}
