/** The guest library's parts that touch the machine: harts, locks, traps, timers, page tables, guests. */
import { describe, expect, it } from 'vitest';
import { type Mode, run } from './library.ts';

const modes: readonly Mode[] = ['m-mode', 's-mode'];

describe.each(modes)('in %s', (mode) => {
  it('main has the number of its hart and the device tree; its result is the exit code', async () => {
    const program = `
      #include <rt/harts.h>
      static int zero[100];
      static int one = 1;
      int main(long hart, const unsigned char *tree) {
        if (hart != hart_number() || machine_mode != ${mode === 'm-mode'}) return 2;
        ${mode === 's-mode' ? 'if (tree[0] != 0xd0 || tree[1] != 0x0d) return 3;' : ''}
        return zero[99] + one + 41;
      }`;
    expect((await run(program, { mode })).exit).toBe(42);
  });

  it.each([1, 3])('%i harts count under one lock', async (harts) => {
    const { exit, console } = await run(
      `
      #include <rt/harts.h>
      #include <rt/printf.h>
      #include <rt/spinlock.h>
      static struct spinlock lock;
      static volatile int count, done;
      static void work(void) {
        for (int i = 0; i < 500; i++) {
          bool were_on = spin_lock(&lock);
          count = count + 1;
          spin_unlock(&lock, were_on);
        }
        bool were_on = spin_lock(&lock);
        done = done + 1;
        spin_unlock(&lock, were_on);
      }
      void hart_main(long hart) {
        work();
        for (;;) __asm__ volatile("wfi");
      }
      int main(void) {
        start_harts();
        work();
        while (done < ${harts}) {}
        printf("%d\\n", count);
        return 0;
      }`,
      { mode, harts },
    );
    expect([exit, console.split('\n').at(-2)]).toEqual([0, String(500 * harts)]);
  });

  it('a lock keeps interrupts off while it is held', async () => {
    const program = `
      #include <rt/spinlock.h>
      int main(void) {
        struct spinlock lock = {0};
        if (interrupts_on()) return 1;
        bool were_on = spin_lock(&lock);
        if (!were_on || interrupts_off()) return 2;
        spin_unlock(&lock, were_on);
        return interrupts_off() ? 0 : 3;
      }`;
    expect((await run(program, { mode })).exit).toBe(0);
  });

  it('a trap without a handler prints its frame and ends the run', async () => {
    const { exit, console } = await run(
      `#include <rt/trap.h>
       int main(void) { trap_start(); __asm__ volatile("li s7, 0xabc; .word 0"); return 0; }`,
      { mode },
    );
    expect(exit).toBe(130);
    expect(console).toContain('trap: cause 0x2, ');
    expect(console).toContain(' s7 0000000000000abc');
  });

  it('before there are handlers, a trap ends the run', async () => {
    expect((await run('int main(void) { __asm__ volatile("ebreak"); return 0; }', { mode })).exit).toBe(131);
  });

  it('a handler may change where the program goes on, and with what', async () => {
    const program = `
      #include <rt/trap.h>
      void trap_handler(struct trap_frame *frame) {
        frame->pc += 4;
        frame->x[REGISTER_A0] = frame->x[REGISTER_A0] * 2 + frame->cause;
      }
      int main(void) {
        trap_start();
        register long a0 __asm__("a0") = 20;
        __asm__ volatile(".word 0" : "+r"(a0));
        return (int)a0;
      }`;
    expect((await run(program, { mode })).exit).toBe(42);
  });

  it('timer interrupts come, nested in nothing, and keep all registers', async () => {
    const enable = mode === 'm-mode' ? 'csr_set(mie, INTERRUPT_MTI)' : 'csr_set(sie, INTERRUPT_STI)';
    const which = mode === 'm-mode' ? 'MACHINE_TIMER' : 'SUPERVISOR_TIMER';
    const program = `
      #include <rt/csr.h>
      #include <rt/spinlock.h>
      #include <rt/timer.h>
      #include <rt/trap.h>
      static volatile int ticks;
      void trap_handler(struct trap_frame *frame) {
        if (!trap_is_interrupt(frame, ${which})) trap_print(frame);
        ticks = ticks + 1;
        timer_set(timer_now() + 20);
      }
      int main(void) {
        trap_start();
        timer_set(timer_now() + 20);
        ${enable};
        interrupts_on();
        unsigned long x = 1, steps = 0;
        while (ticks < 5) { x = x * 6364136223846793005ul + 1; steps++; }
        interrupts_off();
        unsigned long y = 1;
        for (unsigned long i = 0; i < steps; i++) y = y * 6364136223846793005ul + 1;
        return x == y ? 0 : 1;
      }`;
    const { exit, console } = await run(program, { mode });
    expect([exit, console.includes('trap:')]).toEqual([0, false]);
  });

  it('trap_enter runs code below until it traps, and comes back', async () => {
    const program = `
      #include <rt/csr.h>
      #include <rt/memory.h>
      #include <rt/trap.h>
      ${mode === 'm-mode' ? '' : '#include <rt/paging.h>'}
      __attribute__((naked)) void task(void) { __asm__ volatile("1: addi a0, a0, 1; ecall; j 1b"); }
      int main(void) {
        trap_start();
        ${
          mode === 'm-mode'
            ? 'csr_write(pmpaddr0, -1L); csr_write(pmpcfg0, 0x1f);'
            : `memory_start((char *)0x80000000 + (16 << 20));
               struct page_table table;
               if (!page_table_create(&table, SV39)) return 10;
               unsigned own = PTE_READ | PTE_WRITE | PTE_EXECUTE;
               if (!page_table_map(&table, 0x80000000, 0x80000000, 16 << 20, own, 1)) return 11;
               if (!page_table_map(&table, 0x100000, 0x100000, 4096, own, 0)) return 12;
               if (!page_table_map(&table, 0x4000000000 - 4096, (uint64_t)task & ~4095ul, 4096, PTE_READ | PTE_EXECUTE | PTE_USER, 0)) return 13;
               csr_write(satp, page_table_satp(&table, 1));
               fence_own();`
        }
        struct trap_frame frame = {0};
        frame.pc = ${mode === 'm-mode' ? '(uint64_t)task' : '0x4000000000 - 4096 + ((uint64_t)task & 4095)'};
        frame.x[REGISTER_A0] = 5;
        frame.x[REGISTER_SP] = 1234;
        frame.x[31] = 77;
        for (unsigned i = 1; i <= 3; i++) {
          trap_enter(&frame);
          if (frame.cause != CAUSE_ECALL_U || frame.x[REGISTER_A0] != 5 + i) return (int)i;
          frame.pc += 4;
        }
        return frame.x[REGISTER_SP] == 1234 && frame.x[31] == 77 ? 0 : 4;
      }`;
    expect((await run(program, { mode })).exit).toBe(0);
  });
});

describe('page tables', () => {
  it('map, find and unmap pages of every level', async () => {
    const { exit } = await run(`
      #include <rt/memory.h>
      #include <rt/paging.h>
      static bool leads(struct page_table *table, uint64_t from, uint64_t to) {
        uint64_t found = 0;
        return page_table_find(table, from, &found) && found == to;
      }
      int main(void) {
        memory_start((char *)0x80000000 + (8 << 20));
        struct page_table table;
        uint64_t found;
        if (!page_table_create(&table, SV39) || page_table_find(&table, 0x1000, &found)) return 1;
        if (!page_table_map(&table, 0x1000, 0x80005000, 0x3000, PTE_READ, 0)) return 2;
        if (!leads(&table, 0x1008, 0x80005008) || !leads(&table, 0x3fff, 0x80007fff)) return 3;
        if (page_table_find(&table, 0x4000, &found)) return 4;
        if (!page_table_map(&table, 2 << 20, 0x80200000, 4 << 20, PTE_READ, 1)) return 5;
        if (!leads(&table, (6 << 20) - 1, 0x805fffff)) return 6;
        if (!page_table_map(&table, 1 << 30, 0xc0000000, 1 << 30, PTE_READ | PTE_GLOBAL, 2)) return 7;
        if (!leads(&table, (1ul << 31) - 8, 0xfffffff8)) return 8;
        if (page_table_map(&table, 2 << 20, 0x80000000, 4096, PTE_READ, 0)) return 9;
        if (page_table_map(&table, 0, 0x80000000, 1 << 30, PTE_READ, 2)) return 10;
        page_table_unmap(&table, 0x2000, 0x1000);
        if (page_table_find(&table, 0x2000, &found) || !leads(&table, 0x3000, 0x80007000)) return 11;
        pte *entry = page_table_walk(&table, 0x1000, 0, false);
        if (*entry != (0x80005000ul >> 2 | PTE_READ | PTE_VALID | PTE_ACCESSED | PTE_DIRTY)) return 12;
        return 0;
      }`);
    expect(exit).toBe(0);
  });

  it('say when memory has run out', async () => {
    const { exit } = await run(`
      #include <rt/board.h>
      #include <rt/memory.h>
      #include <rt/paging.h>
      extern char _end[];
      int main(void) {
        memory_start((char *)(((uint64_t)_end + 4095 & ~4095ul) + 2 * PAGE_BYTES));
        struct page_table table;
        if (!page_table_create(&table, SV39)) return 1;
        return page_table_map(&table, 0x1000, 0x80000000, 4096, PTE_READ, 0) ? 2 : 0;
      }`);
    expect(exit).toBe(0);
  });
});

describe('a guest', () => {
  it('runs in VS-mode behind Sv39x4, until it leaves what is mapped for it', async () => {
    const { exit, console } = await run(
      `
      #include <rt/csr.h>
      #include <rt/memory.h>
      #include <rt/paging.h>
      #include <rt/printf.h>
      #include <rt/string.h>
      #include <rt/trap.h>
      __attribute__((naked, aligned(64))) void guest(void) {
        __asm__ volatile(".option push; .option norvc; li a0, 7; ecall; li a1, 0x12345000; sd a0, 8(a1); .option pop");
      }
      int main(void) {
        trap_start();
        memory_start((char *)0x80000000 + (16 << 20));
        struct page_table table;
        if (!page_table_create(&table, SV39X4)) return 1;
        char *page = page_allocate();
        memcpy(page, (char *)guest, 64);
        if (!page_table_map(&table, 0xc000000000, (uint64_t)page, 4096, PTE_READ | PTE_EXECUTE, 0)) return 2;
        csr_write(hgatp, page_table_hgatp(&table, 3));
        csr_write(vsatp, 0);
        fence_guests();
        fence_inside_guest();
        struct trap_frame frame = {0};
        frame.pc = 0xc000000000;
        frame.status = STATUS_SPP;
        frame.hstatus = HSTATUS_SPV | HSTATUS_SPVP | HSTATUS_VSXL_64;
        trap_enter(&frame);
        printf("%lu %lu\\n", frame.cause, frame.x[REGISTER_A0]);
        frame.pc += 4;
        trap_enter(&frame);
        printf("%lu %lx\\n", frame.cause, frame.guest_address << 2 | (frame.value & 3));
        return csr_read(hstatus) & HSTATUS_SPV ? 3 : 0;
      }`,
      { mode: 's-mode' },
    );
    expect([exit, console.split('\n').slice(-3)]).toEqual([0, ['10 7', '23 12345008', '']]);
  });
});

describe('devices', () => {
  it('the UART’s interrupt comes through the PLIC', async () => {
    const { exit } = await run(`
      #include <rt/board.h>
      #include <rt/csr.h>
      #include <rt/plic.h>
      #include <rt/spinlock.h>
      #include <rt/trap.h>
      static volatile unsigned served;
      void trap_handler(struct trap_frame *frame) {
        served = plic_claim();
        ((volatile unsigned char *)UART)[1] = 0;
        plic_complete(served);
      }
      int main(void) {
        trap_start();
        plic_enable(UART_INTERRUPT);
        csr_set(mie, INTERRUPT_MEI);
        ((volatile unsigned char *)UART)[1] = 2;
        interrupts_on();
        while (served == 0) {}
        return (int)served;
      }`);
    expect(exit).toBe(10);
  });
});
