/*
 * Trace markers: labels that a program puts on what it is doing, for whoever watches the machine. They change nothing.
 *
 * A marker is the instruction `slti zero, rs1, kind`. With x0 as the destination it is a HINT, and the specification
 * designates all of these for custom use (Unprivileged Specification, HINTs of RV64I): any machine does nothing, and this
 * one reports an event with the kind and the value of rs1, where somebody listens. No check of a lesson trusts them.
 */
#pragma once

/* Kinds: 0x470 to 0x47f are markers. */
#define MARKER_TASK 0x470 /* The task, thread or process that runs from here on, by a number of the program's own. */
#define MARKER_VM 0x471   /* The guest that runs from here on; 0 is the host. */
#define MARKER_VCPU 0x472 /* Which of its virtual CPUs. */
#define MARKER_MODE 0x473 /* The mode that a deprivileged guest believes to be in: 0 U, 1 S, 3 M, 4 VU, 5 VS. */
#define MARKER_NOTE 0x474 /* Whatever the program wants to see in the trace. */

#ifndef __ASSEMBLER__
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
#endif
