/** Tags of TLB entries: address space and virtual machine. */
import type { Term } from '../../wasm/terms.ts';
import { actorBit } from '../actor.ts';
import { at } from '../hart.ts';
import type { Procedure } from './procedure.ts';
import { bareMachine, bareSpace, noMachine } from './tlb-state.ts';

/** Where the VMID stands in a tag, beside the ASID. */
export const machineFrom = 32n;
/** In the registers. */
const tagFrom = 44n;
const asidMask = 0xffffn;
const vmidMask = 0x3fffn;

/** A register that is not Bare is negative. */
const tag = (p: Procedure, register: Term, mask: bigint, bare: number): Term =>
  p.choose(p.negative(register), p.and(p.shr(register, tagFrom), mask), BigInt(bare));

/** Of the present virtual machine, whatever V is. */
export const presentVmid = (p: Procedure): Term => tag(p, p.field(at.hgatp), vmidMask, bareMachine);

/** Tag of the entries that an actor may use. */
export function spaceOf(p: Procedure, actor: number): Term {
  const virtual = p.bits(actor, actorBit.virtual);
  const root = p.choose(virtual, p.field(at.vsatp), p.field(at.satp));
  const vmid = p.choose(virtual, presentVmid(p), BigInt(noMachine));
  return p.or(tag(p, root, asidMask, bareSpace), p.shl(vmid, machineFrom));
}
