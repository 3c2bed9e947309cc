/** Traps for accesses to memory: what they have to say of the address and the instruction. */
import { type AccessKind, accessKinds } from '../events.ts';
import { exceptionCode } from '../isa/causes.ts';
import { decode, effectOperands, encode, lengthOf } from '../isa/instructions.ts';
import { actorBit } from './actor.ts';
import { at, type Hart } from './hart.ts';
import { detailOf, type Fault, faulted, type Mmu } from './mmu.ts';
import { transformedInstruction } from './transformed.ts';
import { findingShift } from './translation/access.ts';
import { findings } from './translation/findings.ts';
import type { TrapDetail } from './traps.ts';

/** A bit for each code. */
const fetchFaults = (
  ['instruction-access-fault', 'instruction-page-fault', 'instruction-guest-page-fault'] as const
).reduce((codes, name) => codes | (1 << exceptionCode(name)), 0);
const fullLength = 4;

/** 0 tells emitted code that the instruction trapped, or that it must leave. */
export const trapped = 0;

export interface FaultParts {
  readonly hart: Hart;
  readonly mmu: Mmu;
  /** Takes the exception for the instruction that runs, about a virtual address. */
  readonly raise: (code: number, vaLow: number, vaHigh: number, detail: TrapDetail) => void;
}

export class AccessFaults {
  private readonly parts: FaultParts;
  private readonly expansions = new Map<number, number>();

  constructor(parts: FaultParts) {
    this.parts = parts;
  }

  /** Takes the trap for an access that could not be translated. */
  notTranslated(argument: number): number {
    const { hart, mmu } = this.parts;
    const access = accessKinds[argument & 3] ?? 'load';
    mmu.fails(findings[argument >> findingShift], access);
    const [low, high] = access === 'fetch' ? hart.pair(at.pc) : hart.pair(at.address);
    return this.take(mmu.fault.cause, low, high, mmu.fault);
  }

  take(code: number, vaLow: number, vaHigh: number, from?: Fault): number {
    this.parts.raise(code, vaLow, vaHigh, this.detailOf(code, vaLow, from));
    return trapped;
  }

  private detailOf(code: number, vaLow: number, from: Fault | undefined): TrapDetail {
    const { hart } = this.parts;
    const isFetch = ((fetchFaults >>> code) & 1) === 1;
    const virtual = ((isFetch ? hart.wholeMode : hart.get(at.actor)) & actorBit.virtual) !== 0;
    const tinst = isFetch ? 0 : this.transformed(vaLow - hart.get(at.address));
    return detailOf(from ?? { virtual, guest: undefined }, tinst);
  }

  private transformed(addressOffset: number): number {
    const word = this.parts.hart.get(at.instruction);
    if (lengthOf(word) === fullLength) return transformedInstruction(word, addressOffset, false);
    return transformedInstruction(this.expanded(word & 0xffff), addressOffset, true);
  }

  /** The instruction that a compressed one stands for; kept, as the same few fault again and again. */
  private expanded(parcelBits: number): number {
    const known = this.expansions.get(parcelBits);
    if (known !== undefined) return known;
    const decoded = decode(parcelBits);
    const expansion = decoded?.row.expansion;
    const word = decoded && expansion ? encode(expansion.row, effectOperands(decoded)) : 0;
    this.expansions.set(parcelBits, word);
    return word;
  }

  /** The physical page of a part of the present access, or `faulted`: then the trap has been taken. */
  resolve(access: AccessKind, vaLow: number, vaHigh: number, bytes: number): number {
    const { mmu, hart } = this.parts;
    const actor = access === 'fetch' ? hart.wholeMode : hart.get(at.actor);
    const page = mmu.resolve(access, vaLow, vaHigh, bytes, actor);
    if (page === faulted) this.take(mmu.fault.cause, vaLow, vaHigh, mmu.fault);
    return page;
  }
}
