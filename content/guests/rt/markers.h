/*
 * Trace markers: labels that a program puts on what it is doing, for whoever watches the machine. They change nothing.
 *
 * A marker is the instruction `slti zero, rs1, kind`. With x0 as the destination it is a HINT, and the specification
 * designates all of these for custom use (Unprivileged Specification, HINTs of RV64I): any machine does nothing, and this
 * one remembers the last value of each kind for its onlookers. No program can read it, and no check of a lesson trusts it.
 */
#pragma once

/* Kinds: 0x470 to 0x47f are markers. */
#define MARKER_TASK 0x470 /* The task, thread or process that runs from here on, by a number of the program's own. */
#define MARKER_VM 0x471   /* The guest that runs from here on; 0 is the host. */
#define MARKER_VCPU 0x472 /* Which of its virtual CPUs. */
#define MARKER_MODE 0x473 /* The mode that a deprivileged guest believes to be in: 0 U, 1 S, 3 M, 4 VU, 5 VS. */
#define MARKER_NOTE 0x474 /* Whatever the program wants to see in the trace. */
#define MARKER_GUEST 0x475 /* Physical address of a list of facts about what the guest believes; 0 where there is none. */
#define MARKER_READY 0x476 /* A task that could run from here on. */
#define MARKER_BLOCKED 0x477 /* A task that waits for something from here on. */

/*
 * What a deprivileged guest believes, for pictures: where its hypervisor keeps what the guest takes for its machine. Give
 * the list at every entry into the guest, and 0 only when no guest is current any more: while its hypervisor handles an
 * exit, the guest's state is still worth seeing.
 *
 * `what` is a CSR's number, whose value lies at the physical address `where`, or one of these.
 */
#define FACT_REGISTER(n) (0x1000 + (n)) /* x1 to x31, while the hypervisor runs: `where` as for a CSR. */
#define FACT_PC 0x1020                  /* The same for the program counter. */
#define FACT_MODE 0x1021                /* `where` holds the mode: 0 U, 1 S. */
#define FACT_SHADOW 0x1022              /* `where` holds the satp that is in force for the guest's present satp. */
#define FACT_MEMORY 0x1023              /* `bytes` of the guest's memory from `where` on lie at `physical`. */
#define FACT_END 0x1fff                 /* The list's end. */

#ifndef __ASSEMBLER__
struct guest_fact {
  unsigned long what, where, physical, bytes;
};

#define marker(kind, value) __asm__ volatile("slti zero, %0, %1" : : "r"((unsigned long)(value)), "i"(kind))

static inline void mark_task(unsigned long task) {
  marker(MARKER_TASK, task);
}

static inline void mark_vm(unsigned long vm) {
  marker(MARKER_VM, vm);
}

static inline void mark_vcpu(unsigned long vcpu) {
  marker(MARKER_VCPU, vcpu);
}

static inline void mark_mode(unsigned long mode) {
  marker(MARKER_MODE, mode);
}

static inline void mark_note(unsigned long value) {
  marker(MARKER_NOTE, value);
}

static inline void mark_guest(const struct guest_fact *facts) {
  marker(MARKER_GUEST, facts);
}

static inline void mark_ready(unsigned long task) {
  marker(MARKER_READY, task);
}

static inline void mark_blocked(unsigned long task) {
  marker(MARKER_BLOCKED, task);
}
#endif
