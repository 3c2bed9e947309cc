#include <rt/csr.h>
#include <rt/harts.h>
#include <rt/printf.h>
#include <rt/trap.h>

/* In trap-m.S and trap-s.S. */
void machine_trap_entry(void);
void machine_trap_enter(struct trap_frame *frame);
void supervisor_trap_entry(void);
void supervisor_trap_enter(struct trap_frame *frame);

void trap_start(void) {
  if (machine_mode) {
    csr_write(mscratch, 0);
    csr_write(mtvec, machine_trap_entry);
  } else {
    csr_write(sscratch, 0);
    csr_write(stvec, supervisor_trap_entry);
  }
}

void trap_enter(struct trap_frame *frame) {
  if (machine_mode)
    machine_trap_enter(frame);
  else
    supervisor_trap_enter(frame);
}

void trap_print(const struct trap_frame *frame) {
  static const char names[32][5] = {"zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
                                    "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
                                    "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
  printf("trap: cause %#lx, value %#lx, pc %#lx, status %#lx\n", frame->cause, frame->value, frame->pc, frame->status);
  for (int i = 1; i < 32; i++)
    printf("%4s %016lx%s", names[i], frame->x[i], i % 4 == 3 ? "\n" : "  ");
}
