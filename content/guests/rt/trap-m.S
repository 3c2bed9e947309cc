/* Traps of a program in M-mode. */
#define TRAP_ENTRY machine_trap_entry
#define TRAP_ENTER machine_trap_enter
#define CSR(name) m##name
#define RETURN mret
#define INTERRUPTS_ENABLE 8
#include <rt/trap-entry.h>
