/** Trap causes, by the number in `mcause`/`scause`. Privileged Spec 20240411 §3.1.15, table 14. */

export interface Cause {
  readonly code: number;
  readonly name: string;
  readonly title: string;
}

const exceptionRows = [
  [0, 'instruction-address-misaligned', 'Instruction address misaligned'],
  [1, 'instruction-access-fault', 'Instruction access fault'],
  [2, 'illegal-instruction', 'Illegal instruction'],
  [3, 'breakpoint', 'Breakpoint'],
  [4, 'load-address-misaligned', 'Load address misaligned'],
  [5, 'load-access-fault', 'Load access fault'],
  [6, 'store-address-misaligned', 'Store/AMO address misaligned'],
  [7, 'store-access-fault', 'Store/AMO access fault'],
  [8, 'ecall-u', 'Environment call from U-mode'],
  [9, 'ecall-s', 'Environment call from S-mode'],
  [10, 'ecall-vs', 'Environment call from VS-mode'],
  [11, 'ecall-m', 'Environment call from M-mode'],
  [12, 'instruction-page-fault', 'Instruction page fault'],
  [13, 'load-page-fault', 'Load page fault'],
  [15, 'store-page-fault', 'Store/AMO page fault'],
  [20, 'instruction-guest-page-fault', 'Instruction guest-page fault'],
  [21, 'load-guest-page-fault', 'Load guest-page fault'],
  [22, 'virtual-instruction', 'Virtual instruction'],
  [23, 'store-guest-page-fault', 'Store/AMO guest-page fault'],
] as const;

const interruptRows = [
  [1, 'supervisor-software', 'Supervisor software interrupt'],
  [2, 'virtual-supervisor-software', 'Virtual supervisor software interrupt'],
  [3, 'machine-software', 'Machine software interrupt'],
  [5, 'supervisor-timer', 'Supervisor timer interrupt'],
  [6, 'virtual-supervisor-timer', 'Virtual supervisor timer interrupt'],
  [7, 'machine-timer', 'Machine timer interrupt'],
  [9, 'supervisor-external', 'Supervisor external interrupt'],
  [10, 'virtual-supervisor-external', 'Virtual supervisor external interrupt'],
  [11, 'machine-external', 'Machine external interrupt'],
  [12, 'supervisor-guest-external', 'Supervisor guest external interrupt'],
] as const;

export type ExceptionName = (typeof exceptionRows)[number][1];
export type InterruptName = (typeof interruptRows)[number][1];

const toCause = ([code, name, title]: readonly [number, string, string]): Cause => ({ code, name, title });

export const exceptions: readonly Cause[] = exceptionRows.map(toCause);
export const interrupts: readonly Cause[] = interruptRows.map(toCause);

const codeByException = new Map<string, number>(exceptionRows.map(([code, name]) => [name, code]));
const codeByInterrupt = new Map<string, number>(interruptRows.map(([code, name]) => [name, code]));

export const exceptionCode = (name: ExceptionName): number => codeByException.get(name) ?? 0;
export const interruptCode = (name: InterruptName): number => codeByInterrupt.get(name) ?? 0;

/** The cause with this code; an unassigned code is named by its number. */
export function causeOf(code: number, interrupt: boolean): Cause {
  const known = (interrupt ? interrupts : exceptions).find((cause) => cause.code === code);
  const kind = interrupt ? 'interrupt' : 'exception';
  return known ?? { code, name: `${kind}-${code}`, title: `Unassigned ${kind} ${code}` };
}
