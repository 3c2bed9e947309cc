/** The lines of the table that run a program: which, in what unit, and how fast ours has to be. */

/** How many make a second. */
export const timeUnits = { ns: 1e9, µs: 1e6 } as const;

export interface ProgramLine {
  readonly name: string;
  /** In `programs/`. A program in C runs on the host and as wasm too. */
  readonly program: `${string}.c` | `${string}.S`;
  /** Macros of C, absolute symbols of the assembler. */
  readonly defines?: Readonly<Record<string, number>>;
  readonly unit: keyof typeof timeUnits;
  /** What the time is of, and how many there are in an amount of one. */
  readonly of: string;
  readonly each: number;
  /** How many times as fast as QEMU ours should be. */
  readonly goal: number;
}

const kib = 1024;
const pages = 16384;

export const programLines: readonly ProgramLine[] = [
  { name: 'CoreMark-like', program: 'core.c', unit: 'µs', of: 'iteration', each: 1, goal: 1.5 },
  { name: 'sieve', program: 'sieve.c', unit: 'µs', of: 'sieve', each: 1, goal: 1.2 },
  { name: '64-bit mixing', program: 'mix.c', unit: 'ns', of: 'value', each: 1000, goal: 1 },
  { name: 'memory copy', program: 'copy.c', unit: 'ns', of: 'KiB', each: 128, goal: 1 },
  { name: 'floating point', program: 'float.c', unit: 'ns', of: 'step', each: 1000, goal: 1 },
  {
    name: 'pointer chase, 512 KiB',
    program: 'chase.c',
    defines: { CHASE_BYTES: 512 * kib },
    unit: 'ns',
    of: 'load',
    each: 1000,
    goal: 1,
  },
  {
    name: 'pointer chase, 16 MiB',
    program: 'chase.c',
    defines: { CHASE_BYTES: 16 * kib * kib },
    unit: 'ns',
    of: 'load',
    each: 1000,
    goal: 1,
  },
  { name: 'page stride, Sv39', program: 'loads-sv39.S', unit: 'ns', of: 'load', each: pages, goal: 2 },
  { name: 'page stride, two-stage', program: 'loads-two-stage.S', unit: 'ns', of: 'load', each: pages, goal: 2 },
  { name: 'ecall U→S→U', program: 'ecall-supervisor.S', unit: 'ns', of: 'call', each: 1000, goal: 2 },
  { name: 'ecall U→M→U', program: 'ecall-machine.S', unit: 'ns', of: 'call', each: 1000, goal: 2 },
  { name: 'system call as xv6’s', program: 'system-call.S', unit: 'ns', of: 'call', each: 1000, goal: 2 },
  { name: 'exit VS→HS→VS', program: 'exit.S', unit: 'ns', of: 'exit', each: 1000, goal: 2 },
  { name: 'timer interrupt', program: 'timer.S', unit: 'ns', of: 'interrupt', each: 1000, goal: 2 },
];
