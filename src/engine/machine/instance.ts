/** The wasm side of a machine: its memory, and the interpreter in it. The module is compiled once per process. */

import { emitInterpreter } from './interpreter-module.ts';
import { pageBytes, ramAt, wasmPageBytes } from './layout.ts';
import { memoryMap } from './memory-map.ts';
import type { SlowPathName } from './module-functions.ts';

const mostRam = 2 ** 31;

/** Hart state, then RAM, then ROM. Throws a `RangeError` when RAM has no size that a board can have. */
export function newMemory(ram: number): WebAssembly.Memory {
  if (!Number.isInteger(ram) || ram < pageBytes || ram > mostRam || ram % pageBytes !== 0) {
    throw new RangeError(`RAM is ${ram} bytes; it takes a multiple of ${pageBytes} up to ${mostRam} (2 GiB).`);
  }
  const pages = Math.ceil((ramAt + ram + memoryMap.rom.size) / wasmPageBytes);
  return new WebAssembly.Memory({ initial: pages, maximum: pages });
}

let compiled: Promise<WebAssembly.Module> | undefined;

export async function instantiate(
  memory: WebAssembly.Memory,
  slowPaths: Readonly<Record<SlowPathName, (argument: number) => number>>,
): Promise<(hart: number) => void> {
  compiled ??= WebAssembly.compile(emitInterpreter());
  const instance = await WebAssembly.instantiate(await compiled, { env: { memory, ...slowPaths } });
  return instance.exports.run as (hart: number) => void;
}
