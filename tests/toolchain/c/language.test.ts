/** Features of the language as rows, optimized and not. */
import { describe, expect, it } from 'vitest';
import { atomicRows } from './rows/atomics.ts';
import { bitFieldRows } from './rows/bit-fields.ts';
import { extensionRows } from './rows/extensions.ts';
import { run } from './running.ts';

describe.each([
  ['atomic operations', atomicRows],
  ['bit-fields', bitFieldRows],
  ['extensions', extensionRows],
])('%s', (_, rows) => {
  it.each(rows)('%s', async (_what, program, exit) => {
    expect((await run(program)).exit).toBe(exit);
    expect((await run(program, {}, false)).exit).toBe(exit);
  });
});
