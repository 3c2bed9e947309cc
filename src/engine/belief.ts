/**
 * What a guest takes for its machine, as far as that is known: of a guest of the H extension its `vs…` CSRs, of a
 * deprivileged one what its hypervisor's trace markers tell.
 */

/** Guest physical memory that lies in one piece. */
export interface GuestMemory {
  readonly guest: bigint;
  readonly physical: bigint;
  readonly bytes: bigint;
}

export interface Belief {
  /** `virtual`: of the H extension; `deprivileged`: it runs in U-mode, and believes otherwise. */
  readonly kind: 'virtual' | 'deprivileged';
  /** The guest itself runs; otherwise somebody handles its exit. */
  readonly runs: boolean;
  /** As markers label them, and the VMID in `hgatp`. */
  readonly vm: bigint;
  readonly vcpu: bigint;
  /** Nominal: 0 U, 1 S, 3 M. */
  readonly mode: number | undefined;
  readonly pc: bigint | undefined;
  /** x0 … x31; undefined where it is not known. */
  readonly registers: readonly (bigint | undefined)[];
  /** By the names that the guest has for them; what is not known is left out. */
  readonly csrs: Readonly<Record<string, bigint>>;
  /** Physical addresses at which its hypervisor keeps them, by the same names. */
  readonly kept: Readonly<Record<string, bigint>>;
  /** The machine's satp while the guest's present one is in force, where its hypervisor keeps shadow tables. */
  readonly shadow: bigint | undefined;
  /** Where a deprivileged guest's memory lies. */
  readonly memory: readonly GuestMemory[];
  /** Of a guest of the H extension, the second stage. */
  readonly hgatp: bigint;
}

/** Where a guest physical address lies; undefined where the guest has no memory there. */
export function throughMemory(memory: readonly GuestMemory[], address: bigint): bigint | undefined {
  const piece = memory.find(({ guest, bytes }) => guest <= address && address < guest + bytes);
  return piece === undefined ? undefined : piece.physical + (address - piece.guest);
}

/** The guest physical address that lies at a physical one. */
export function backThroughMemory(memory: readonly GuestMemory[], physical: bigint): bigint | undefined {
  const reversed = memory.map((piece) => ({ ...piece, guest: piece.physical, physical: piece.guest }));
  return throughMemory(reversed, physical);
}
