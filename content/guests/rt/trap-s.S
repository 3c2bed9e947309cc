/* Traps of a program in S-mode, or in HS-mode with guests. */
#define TRAP_ENTRY supervisor_trap_entry
#define TRAP_ENTER supervisor_trap_enter
#define CSR(name) s##name
#define RETURN sret
#define INTERRUPTS_ENABLE 2
#define WITH_GUESTS
#include <rt/trap-entry.h>
