/**
 * What a history costs and gives: how much slower a run is with one, how large a snapshot is, and how long a seek to
 * random positions of a run of fifty million steps takes.
 */
import { History } from '../src/engine/machine/history.ts';
import { createMachine, defaultBoard } from '../src/engine/machine/machine.ts';
import { serialize } from '../src/engine/machine/snapshot-bytes.ts';
import type { Machine } from '../src/engine/machine/types.ts';
import { build } from '../src/engine/toolchain/build.ts';

const steps = 50_000_000;
const seeks = 60;

const programs: Readonly<Record<string, string>> = {
  loop: '1: addi t1, t1, 3\nxor t2, t2, t1\nbnez t1, 1b\nj 1b\n',
  'memory copy': `
outer:  la      t0, area
        li      t2, 65536
inner:  ld      t3, (t0)
        addi    t3, t3, 1
        sd      t3, (t0)
        addi    t0, t0, 8
        addi    t2, t2, -8
        bnez    t2, inner
        j       outer
        .bss
        .balign 4096
area:   .space  65536
`,
  'all of 8 MiB': `
outer:  la      t0, area
        li      t2, 8 << 20
        addi    t4, t4, 1
inner:  sd      t4, (t0)
        addi    t0, t0, 64
        addi    t2, t2, -64
        bnez    t2, inner
        j       outer
        .bss
        .balign 4096
area:   .space  8 << 20
`,
  traps: `
        la      t0, handler
        csrw    mtvec, t0
1:      ecall
        j       1b
        .balign 4
handler: csrr   t0, mepc
        addi    t0, t0, 4
        csrw    mepc, t0
        mret
`,
};

async function machineWith(text: string): Promise<Machine> {
  const built = build([{ name: 'bench.S', text: `.globl _start\n_start:\n${text}` }]);
  if (!built.ok) throw new Error(built.diagnostics.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  const machine = await createMachine(defaultBoard);
  machine.load(built.image);
  return machine;
}

const milliseconds = (work: () => void): number => {
  const start = performance.now();
  work();
  return performance.now() - start;
};

/** The same places in every run. */
function* places(): Generator<number> {
  let seed = 12345;
  for (let count = 0; count < seeks; count++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    yield Math.floor((seed / 2 ** 32) * steps);
  }
}

console.log('program           plain   with   ratio  rungs   MiB  snapshot ms  bytes  seek: median  worst ms');
for (const [name, text] of Object.entries(programs)) {
  (await machineWith(text)).run(steps / 20);
  const plain = await machineWith(text);
  const plainTime = milliseconds(() => plain.run(steps));
  const machine = await machineWith(text);
  const history = new History(machine, { now: () => performance.now() });
  const withTime = milliseconds(() => history.run(steps));
  const size = serialize(machine.snapshot()).length;
  machine.run(100_000);
  const cost = milliseconds(() => machine.snapshot());
  const times = [...places()].map((place) => milliseconds(() => history.seek(place))).sort((a, b) => a - b);
  const row = [
    (plainTime / 1000).toFixed(2).padStart(7),
    (withTime / 1000).toFixed(2).padStart(6),
    (withTime / plainTime).toFixed(2).padStart(7),
    String(history.rungs.length).padStart(6),
    (history.bytes / 2 ** 20).toFixed(1).padStart(5),
    cost.toFixed(2).padStart(12),
    String(size).padStart(8),
    (times[Math.floor(seeks / 2)] ?? 0).toFixed(1).padStart(10),
    (times[seeks - 1] ?? 0).toFixed(1).padStart(8),
  ];
  console.log(name.padEnd(14), row.join(' '));
}
