/** Where the parts of the board lie and which interrupt they raise: QEMU's `virt`, `hw/riscv/virt.c`. */

export interface Region {
  readonly base: number;
  readonly size: number;
}

export const ramBase = 0x8000_0000;

export const memoryMap = {
  /** Read-only memory with the reset vector. */
  rom: { base: 0x1000, size: 0x1000 },
  finisher: { base: 0x10_0000, size: 0x1000 },
  rtc: { base: 0x10_1000, size: 0x1000 },
  clint: { base: 0x200_0000, size: 0x1_0000 },
  plic: { base: 0xc00_0000, size: 0x60_0000 },
  uart: { base: 0x1000_0000, size: 0x100 },
  /** The first of the slots. */
  virtio: { base: 0x1000_1000, size: 0x1000 },
} as const satisfies Readonly<Record<string, Region>>;

export const virtioSlots = 8;

/** Sources of the PLIC. The virtio slots have one each, from `virtio` on. */
export const interrupts = { virtio: 1, uart: 10, rtc: 11 } as const;

export const virtioBase = (slot: number): number => memoryMap.virtio.base + slot * memoryMap.virtio.size;
export const virtioInterrupt = (slot: number): number => interrupts.virtio + slot;
