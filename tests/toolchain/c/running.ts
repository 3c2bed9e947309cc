/** C programs on the bare machine: compiled, linked with a few lines of start-up code, run to their end. */
import { createMachine, defaultBoard } from '../../../src/engine/machine/machine.ts';
import { build, type Diagnostic } from '../../../src/engine/toolchain/build.ts';
import { type CompileOptions, compile } from '../../../src/engine/toolchain/c/compile.ts';
import { createReporter } from '../../../src/engine/toolchain/diagnostics.ts';

/** Calls `main`; what it returns is the exit code. A trap ends the run with 200 and the cause. */
const start = `
.globl _start
_start:
  la sp, stack_top
  li t0, 0x6000
  csrs mstatus, t0
  la t0, trap
  csrw mtvec, t0
  call main
exit:
  li t0, 0x100000
  slliw a0, a0, 16
  li t1, 0x3333
  or t1, t1, a0
  bnez a0, 1f
  li t1, 0x5555
1: sw t1, 0(t0)
2: j 2b
.balign 4
trap:
  csrr a0, mcause
  addi a0, a0, 200
  j exit
.globl memcpy, memset
memcpy:
  mv t0, a0
1: beqz a2, 2f
  lbu t1, 0(a1)
  sb t1, 0(t0)
  addi a1, a1, 1
  addi t0, t0, 1
  addi a2, a2, -1
  j 1b
2: ret
memset:
  mv t0, a0
1: beqz a2, 2f
  sb a1, 0(t0)
  addi t0, t0, 1
  addi a2, a2, -1
  j 1b
2: ret
.bss
.balign 16
.space 65536
stack_top:
`;

/** What every program may use. */
const prelude = `
static void putchar(int c) { *(volatile unsigned char *)0x10000000 = c; }
static void puts(const char *s) { while (*s) putchar(*s++); }
static void print(long n) { if (n < 0) { putchar('-'); n = -n; } if (n > 9) print(n / 10); putchar('0' + n % 10); }
`;

export interface Ran {
  readonly exit: number | undefined;
  readonly console: string;
  readonly steps: number;
}

export const inWords = ({ line, column, severity, message, hint }: Diagnostic): string =>
  `${line}:${column}: ${severity}: ${message}${hint === undefined ? '' : ` (${hint})`}`;

/** Throws the diagnostics of what does not build. */
export async function run(text: string, files: Readonly<Record<string, string>> = {}, optimize = true): Promise<Ran> {
  const more = Object.entries(files).map(([name, content]) => ({ name, text: content }));
  const sources = [
    { name: 'start.s', text: start },
    { name: 'prelude.h', text: prelude },
    { name: 'main.c', text },
    ...more,
  ];
  const built = build(sources, { optimize });
  if (!built.ok) throw new Error(built.diagnostics.map((each) => `${each.file}:${inWords(each)}`).join('\n'));
  const machine = await createMachine({ ...defaultBoard, ram: 1 << 20 });
  machine.load(built.image);
  const stop = machine.run(5_000_000);
  const console = new TextDecoder().decode(machine.output());
  return { exit: stop.kind === 'exit' ? stop.code : undefined, console, steps: machine.position };
}

/** A function's body: what it returns is the exit code. */
export const body = (text: string): string => `int main(void) {\n${text}\n}\n`;

export function compiled(text: string, options: Partial<CompileOptions> = {}): string {
  const reporter = createReporter();
  const assembly = compile({ name: 'main.c', text }, { find: () => undefined, defines: {}, ...options }, reporter);
  if (assembly === undefined) throw new Error(reporter.diagnostics.map(inWords).join('\n'));
  return assembly;
}

/** What the compiler says about a file, in words. */
export function told(text: string): string[] {
  const reporter = createReporter();
  compile({ name: 'main.c', text }, { find: () => undefined, defines: {} }, reporter);
  return reporter.diagnostics.map(inWords);
}
