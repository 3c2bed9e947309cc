/** The slow paths of CSR accesses, traps by instruction, returns, fences and waiting. */
import { exceptionCode } from '../isa/causes.ts';
import { lengthOf } from '../isa/instructions.ts';
import { M, S, U } from '../isa/privilege.ts';
import { type SystemAction, systemActions } from '../wasm/effect.ts';
import { type CacheBlockOperation, type CacheBlockParts, mayUseCacheBlocks, operateOnBlock } from './cache-blocks.ts';
import type { CsrFile, Pair } from './csr-file.ts';
import { at } from './hart.ts';
import type { Recorder } from './recorder.ts';
import { status } from './status.ts';
import { returnFromTrap } from './traps.ts';
import { vpnOf } from './walk.ts';

const illegal = exceptionCode('illegal-instruction');
const breakpoint = exceptionCode('breakpoint');
const ecallByMode: Readonly<Record<number, number>> = {
  [U]: exceptionCode('ecall-u'),
  [S]: exceptionCode('ecall-s'),
  [M]: exceptionCode('ecall-m'),
};

const trapped = 0;
const done = 1;
const fullLength = 4;

export interface SystemParts extends CacheBlockParts {
  readonly csrs: CsrFile;
  readonly recorder: Recorder;
  readonly raise: (code: number, tvalLow: number, tvalHigh: number) => void;
  /** After a write to this CSR. */
  readonly afterCsr: (number: number) => void;
  /** After a return: the mode has changed. */
  readonly afterReturn: () => void;
  readonly afterFence: () => void;
  /** After `wfi`: the hart waits. */
  readonly wait: () => void;
}

export class SystemPaths {
  private readonly parts: SystemParts;
  private readonly actions: Record<SystemAction, () => void>;

  constructor(parts: SystemParts) {
    this.parts = parts;
    const { hart } = parts;
    this.actions = {
      illegal: () => this.illegal(),
      ecall: () => parts.raise(ecallByMode[hart.mode] ?? illegal, 0, 0),
      ebreak: () => parts.raise(breakpoint, hart.pcLow, hart.pcHigh),
      mret: () => this.return('mret', hart.mode === M),
      sret: () => this.return('sret', hart.mode === M || (hart.mode === S && !this.statusHas(status.TSR))),
      wfi: () => this.wait(),
      'fence.i': () => this.fenced(),
      'sfence.vma': () => this.fenceVma(),
      // Without reordering, invalidations may be done at once, and the fences around them have nothing to do.
      'sinval.vma': () => this.fenceVma(),
      'sfence.w.inval': () => this.orderInvalidations(),
      'sfence.inval.ir': () => this.orderInvalidations(),
      'cbo.inval': () => this.cacheBlock('cbo.inval'),
      'cbo.clean': () => this.cacheBlock('cbo.clean'),
      'cbo.flush': () => this.cacheBlock('cbo.flush'),
      'cbo.zero': () => this.cacheBlock('cbo.zero'),
    };
  }

  system(action: number): number {
    const name = systemActions[action] ?? 'illegal';
    this.actions[name]();
    return trapped;
  }

  /** `access`: 0 write, 1 set, 2 clear. The source is in `value`, and the old value replaces it there. */
  csr(access: number): number {
    const { hart, csrs, recorder, afterCsr } = this.parts;
    const instruction = hart.get(at.instruction);
    const number = instruction >>> 20;
    const sourceField = (instruction >>> 15) & 31;
    const destination = (instruction >>> 7) & 31;
    const writes = access === 0 || sourceField !== 0;
    if (!csrs.mayAccess(number, writes)) {
      this.illegal();
      return trapped;
    }
    const source: Pair = [hart.get(at.value), hart.get(at.value + 4)];
    const reads = access !== 0 || destination !== 0;
    const old: Pair = reads || recorder.listening ? csrs.read(number) : [0, 0];
    if (writes) {
      csrs.write(number, combine(access, access === 0 ? old : csrs.readForUpdate(number), source));
      recorder.csr(hart, number, old, csrs.read(number));
      afterCsr(number);
    }
    hart.setPair(at.value, old[0], old[1]);
    return done;
  }

  private illegal(): void {
    const bits = this.parts.hart.get(at.instruction);
    this.parts.raise(illegal, lengthOf(bits) === fullLength ? bits : bits & 0xffff, 0);
  }

  private statusHas(bit: number): boolean {
    return (this.parts.hart.get(at.mstatus) & bit) !== 0;
  }

  private return(by: 'mret' | 'sret', allowed: boolean): void {
    if (!allowed) return this.illegal();
    returnFromTrap(this.parts.hart, this.parts.recorder, by);
    this.parts.afterReturn();
  }

  /** In U-mode `wfi` is illegal, as S-mode exists; TW makes it so in S-mode. §3.1.6.5. */
  private wait(): void {
    const { hart } = this.parts;
    if (hart.mode === U || (hart.mode === S && this.statusHas(status.TW))) return this.illegal();
    hart.retire(fullLength);
    this.parts.wait();
  }

  private fenced(): void {
    this.parts.hart.retire(fullLength);
    this.parts.afterFence();
  }

  /** `mstatus.TVM` does not matter here. */
  private orderInvalidations(): void {
    if (this.parts.hart.mode === U) return this.illegal();
    this.fenced();
  }

  private cacheBlock(operation: CacheBlockOperation): void {
    const { hart, raise } = this.parts;
    if (!mayUseCacheBlocks(hart, operation)) return this.illegal();
    const rs1 = (hart.get(at.instruction) >>> 15) & 31;
    const [low, high] = [hart.registerLow(rs1), hart.registerHigh(rs1)];
    const fault = operateOnBlock(this.parts, operation, low, high);
    if (fault !== undefined) raise(fault, low, high);
  }

  private fenceVma(): void {
    const { hart, mmu, recorder } = this.parts;
    if (hart.mode === U || (hart.mode === S && this.statusHas(status.TVM))) return this.illegal();
    const instruction = hart.get(at.instruction);
    const rs1 = (instruction >>> 15) & 31;
    const rs2 = (instruction >>> 20) & 31;
    const vaLow = hart.registerLow(rs1);
    const vaHigh = hart.registerHigh(rs1);
    const asid = hart.registerLow(rs2) & 0xffff;
    const removed = mmu.fence(rs1 === 0 ? undefined : vpnOf(vaLow, vaHigh), rs2 === 0 ? undefined : asid);
    recorder.fence(hart, rs1 !== 0, rs2 !== 0, asid, removed, vaLow, vaHigh);
    this.fenced();
  }
}

function combine(access: number, old: Pair, source: Pair): Pair {
  if (access === 0) return source;
  const one = (a: number, b: number): number => (access === 1 ? a | b : a & ~b) >>> 0;
  return [one(old[0], source[0]), one(old[1], source[1])];
}
