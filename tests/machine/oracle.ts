/** A hart in M-mode as the rows and the BigInt oracle describe it, with a little memory: the judge of the interpreter. */

import { type EvaluationContext, evaluate } from '../../src/engine/isa/evaluate.ts';
import type { Bytes, SourceRegister } from '../../src/engine/isa/expression.ts';
import { isFloatRegister, rounds, usesFloats } from '../../src/engine/isa/float-effect.ts';
import { decode, effectOperands, lengthOf } from '../../src/engine/isa/instructions.ts';

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);

/** The board's ROM, where nothing was put: loads and fetches find zeros there. */
const inRom = (address: bigint, bytes: number): boolean => address >= 0x1000n && address + BigInt(bytes) <= 0x2000n;

class Fault extends Error {
  readonly cause: bigint;
  readonly address: bigint;

  constructor(cause: bigint, address: bigint) {
    super();
    this.cause = cause;
    this.address = address;
  }
}

class Unmodelled extends Error {}

export class Oracle {
  readonly registers: bigint[] = new Array<bigint>(32).fill(0n);
  readonly floats: bigint[] = new Array<bigint>(32).fill(0n);
  fcsr = 0;
  /** `mstatus.FS`: 0 Off, 3 Dirty. */
  fs = 0;
  pc: bigint;
  /** The last trap: cause, tval and epc. */
  trap: readonly [bigint, bigint, bigint] = [0n, 0n, 0n];
  private reservation: bigint | undefined;
  readonly memory: Uint8Array;
  private readonly base: bigint;
  private readonly handler: bigint;

  constructor(memory: Uint8Array, base: bigint, handler: bigint) {
    this.memory = memory;
    this.base = base;
    this.handler = handler;
    this.pc = base;
  }

  /** False if the instruction is one that is not modelled: nothing was done then. */
  step(): boolean {
    try {
      this.execute();
    } catch (fault) {
      if (fault instanceof Unmodelled) return false;
      if (!(fault instanceof Fault)) throw fault;
      this.trap = [fault.cause, fault.address, this.pc];
      this.pc = this.handler;
    }
    this.registers[0] = 0n;
    return true;
  }

  private execute(): void {
    const word = this.fetch();
    const decoded = decode(word);
    if (decoded === undefined) throw new Fault(2n, BigInt(word));
    const { effect } = decoded.row;
    const operands = effectOperands(decoded);
    const registerOf = (name: SourceRegister): bigint =>
      (isFloatRegister(name) ? this.floats : this.registers)[operands[name] ?? 0] ?? 0n;
    const rounding = operands.rm === 7 ? this.fcsr >> 5 : (operands.rm ?? 0);
    if ((usesFloats(effect) && this.fs === 0) || (rounds(effect) && rounding > 4)) throw new Fault(2n, BigInt(word));
    const context: EvaluationContext = {
      register: registerOf,
      field: (name) => BigInt(operands[name] ?? 0),
      pc: this.pc,
      next: u64(this.pc + BigInt(lengthOf(word))),
      memory: 0n,
      rounding,
      raise: (flags) => {
        if ((flags & ~this.fcsr) !== 0) this.fs = 3;
        this.fcsr |= flags;
      },
      load: (address, bytes) => (inRom(address, bytes) ? 0n : this.read(address, bytes, 5n)),
    };
    const rd = operands.rd ?? 0;
    if (effect.does !== undefined) return this.primitive(effect.does, context, registerOf, rd);
    const target = effect.pc === undefined ? context.next : evaluate(effect.pc, context);
    const value = effect.rd === undefined ? undefined : evaluate(effect.rd, context);
    const float = effect.frd === undefined ? undefined : evaluate(effect.frd, context);
    if (effect.store !== undefined) {
      const { bytes, address, value: stored } = effect.store;
      this.write(evaluate(address, context), bytes, evaluate(stored, context));
    }
    if (value !== undefined) this.registers[rd] = value;
    if (float !== undefined) {
      this.floats[operands.frd ?? 0] = float;
      this.fs = 3;
    }
    this.pc = target;
  }

  /** Two bytes at a time, as each may fault on its own. */
  private fetch(): number {
    const half = (at: bigint): number => (inRom(at, 2) ? 0 : Number(this.read(at, 2, 1n)));
    const first = half(this.pc);
    return lengthOf(first) === 2 ? first : first + half(u64(this.pc + 2n)) * 0x1_0000;
  }

  private primitive(
    does: NonNullable<NonNullable<ReturnType<typeof decode>>['row']['effect']['does']>,
    context: EvaluationContext,
    registerOf: (name: SourceRegister) => bigint,
    rd: number,
  ): void {
    const address = registerOf('rs1');
    switch (does.kind) {
      case 'amo': {
        this.checkAtomic(address, does.bytes, 6n, 7n);
        const old = u64(BigInt.asIntN(8 * does.bytes, this.read(address, does.bytes, 7n)));
        this.write(address, does.bytes, evaluate(does.combine, { ...context, memory: old }));
        this.registers[rd] = old;
        break;
      }
      case 'lr':
        this.checkAtomic(address, does.bytes, 4n, 5n);
        this.registers[rd] = u64(BigInt.asIntN(8 * does.bytes, this.read(address, does.bytes, 5n)));
        this.reservation = address;
        break;
      case 'sc': {
        this.checkAtomic(address, does.bytes, 6n, 7n);
        const holds = this.reservation === address;
        if (holds) this.write(address, does.bytes, registerOf('rs2'));
        this.registers[rd] = holds ? 0n : 1n;
        this.reservation = undefined;
        break;
      }
      case 'ecall':
        throw new Fault(11n, 0n);
      case 'ebreak':
        throw new Fault(3n, this.pc);
      case 'fence':
      case 'fence.i':
      case 'sfence.w.inval':
      case 'sfence.inval.ir':
        break;
      case 'cbo.zero':
        this.checkBlock(address);
        for (let at = 0n; at < 64n; at += 8n) this.write((address & -64n) + at, 8, 0n);
        break;
      case 'cbo.inval':
      case 'cbo.clean':
      case 'cbo.flush':
        this.checkBlock(address);
        break;
      default:
        throw new Unmodelled();
    }
    this.pc = context.next;
  }

  /** Faults are about the address as given, not about the beginning of its block. */
  private checkBlock(address: bigint): void {
    const block = address & -64n;
    const end = this.base + BigInt(this.memory.length);
    this.refuseDevices(block);
    if (block < this.base || block + 64n > end) throw new Fault(7n, address);
  }

  /** ROM and devices lie below RAM, from the second page on; the first one belongs to nobody. */
  private refuseDevices(address: bigint): void {
    if (address > 4096n - 8n && address < this.base - 8n) throw new Unmodelled();
  }

  private checkAtomic(address: bigint, bytes: number, misaligned: bigint, fault: bigint): void {
    if (address % BigInt(bytes) !== 0n) throw new Fault(misaligned, address);
    this.offset(address, bytes, fault);
  }

  /** An access over a page border faults at the page that does not exist. */
  private offset(address: bigint, bytes: number, cause: bigint): number {
    const end = this.base + BigInt(this.memory.length);
    if (address >= this.base && address + BigInt(bytes) <= end) return Number(address - this.base);
    this.refuseDevices(address);
    const crosses = (address % 4096n) + BigInt(bytes) > 4096n;
    const next = u64(address - (address % 4096n) + 4096n);
    const firstInside = address >= this.base && address < end;
    throw new Fault(cause, crosses && firstInside ? next : address);
  }

  private read(address: bigint, bytes: number, cause: bigint): bigint {
    const offset = this.offset(address, bytes, cause);
    let value = 0n;
    for (let index = bytes - 1; index >= 0; index--) value = (value << 8n) | BigInt(this.memory[offset + index] ?? 0);
    return value;
  }

  private write(address: bigint, bytes: Bytes, value: bigint): void {
    const offset = this.offset(address, bytes, 7n);
    for (let index = 0; index < bytes; index++) {
      this.memory[offset + index] = Number((value >> BigInt(8 * index)) & 0xffn);
    }
  }
}
