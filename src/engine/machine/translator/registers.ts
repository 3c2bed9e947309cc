/**
 * Guest registers in translated code. They lie in the hart's state; locals hold copies of what was read or written on the
 * path so far, and what was written goes to the state where paths meet, turn back or leave. So little is alive at a time,
 * loops run in locals, and a region is entered and left without loading and storing all registers.
 */
import { type Code, op } from '../../wasm/code.ts';
import type { HartAddress } from '../hart-address.ts';
import { hartAt } from '../layout.ts';

const firstFloat = 32;
const registers = 64;
const registerBytes = 8;

/** Of a floating-point register, by its number, among all registers. */
export const floatRegister = (number: number): number => firstFloat + number;

export class RegisterCache {
  private readonly code: Code;
  private readonly hart: HartAddress;
  private readonly locals = new Array<number>(registers).fill(-1);
  /** Registers whose locals hold their values, on the path so far. */
  held = new Set<number>();
  /** Those among them that the hart's state does not have yet. */
  unsaved = new Set<number>();

  constructor(code: Code, hart: HartAddress) {
    this.code = code;
    this.hart = hart;
  }

  /** Leaves a register's value. */
  read(register: number): void {
    this.hold(register);
    this.code.get(this.localOf(register));
  }

  /** Sees to it that a local holds the register. */
  hold(register: number): void {
    if (this.held.has(register)) return;
    this.hart.load(op.i64Load, this.offsetOf(register));
    this.code.set(this.localOf(register));
    this.held.add(register);
  }

  /** Takes the value off the stack. */
  write(register: number): void {
    this.code.set(this.localOf(register));
    this.held.add(register);
    this.unsaved.add(register);
  }

  /** Saves all; on this path it is known from here on. */
  save(): void {
    this.emitSave();
    this.unsaved.clear();
  }

  /** Saves all, on a way out from here. */
  emitSave(): void {
    for (const register of this.unsaved) {
      this.hart.store(op.i64Store, this.offsetOf(register), () => this.code.get(this.localOf(register)));
    }
  }

  /** Locals by what they hold. */
  get names(): readonly (readonly [local: number, name: string])[] {
    return this.locals.flatMap((local, register) =>
      local < 0 ? [] : [[local, register < firstFloat ? `x${register}` : `f${register - firstFloat}`] as const],
    );
  }

  private offsetOf(register: number): number {
    return hartAt.registers + registerBytes * register;
  }

  private localOf(register: number): number {
    const known = this.locals[register] ?? -1;
    if (known >= 0) return known;
    const local = this.code.local('i64');
    this.locals[register] = local;
    return local;
  }
}
