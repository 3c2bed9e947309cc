/** What the modelled TLB's entries say beside addresses. */

/** In place of an address space where only the second stage translates. */
export const bareSpace = 0x1_0000;
/** In place of a virtual machine: for translations with V=0, and where only the first stage translates. */
export const noMachine = -1;
export const bareMachine = 0x1_0000;
/** For a fence: whatever virtual machine it is, the present one, or whatever address space. */
export const anyMachine = -2;
export const presentMachine = -3;
export const anySpace = -1;
/** Flags that permit everything: no table says otherwise. */
export const unchecked = 0x1_00ffn;
/** In place of a page number. */
export const freeEntry = -1n;
