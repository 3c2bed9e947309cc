/**
 * How fast the machine is, side by side with QEMU, the host and a wasm engine: `npm run bench -- --help`. Each line is a
 * ratio within one run, which is what can be compared between hosts and days.
 */
import { benchmark } from './bench/benchmark.ts';
import { codeAsData, formatCode } from './bench/code-table.ts';
import { CannotBench, readOptions, usage } from './bench/options.ts';
import { formatJson, formatTable } from './bench/table.ts';

/** Exit codes: 0 measured, 1 a program failed, 2 nothing could be measured. Goals that are missed are no failure. */
async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const { results, code, compiling, notes, failed } = await benchmark(options, (name) =>
    process.stderr.write(`${name} …\n`),
  );
  const more = { code: codeAsData(code), compiling };
  const text = options.json
    ? formatJson(results, notes, more)
    : `\n${formatTable(results)}${formatCode(code, compiling)}`;
  process.stdout.write(text);
  for (const note of notes) process.stderr.write(`${note}\n`);
  return failed ? 1 : 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof CannotBench)) throw error;
  process.stderr.write(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
