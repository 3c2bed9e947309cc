/** Runs a program in C that was compiled to wasm, in a process of its own: `Child` starts it. */
import { readFileSync } from 'node:fs';
import { answerQuestions } from './child.ts';
import type { Run } from './measure.ts';

export interface WasmQuestion {
  /** Path of the module. */
  readonly module: string;
  readonly amount: number;
}

async function runModule({ module, amount }: WasmQuestion): Promise<Run> {
  const { exports } = await WebAssembly.instantiate(await WebAssembly.compile(readFileSync(module)), {});
  const work = exports.work as (amount: bigint) => bigint;
  const start = performance.now();
  const sum = work(BigInt(amount));
  const seconds = (performance.now() - start) / 1000;
  return { seconds, output: BigInt.asUintN(64, sum).toString(16).padStart(16, '0') };
}

answerQuestions(runModule);
