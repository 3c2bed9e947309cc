/** The guest library: what its functions do, as programs on the machine. */
import { describe, expect, it } from 'vitest';
import { build } from '../../src/engine/toolchain/build.ts';
import { guestLibrary } from '../../src/labs/guest-library.ts';
import { builtWithLibrary, run, texts } from './library.ts';

/** A call's arguments, and the text that C says it prints. */
const formats: readonly (readonly [args: string, text: string])[] = [
  ['"plain %% text"', 'plain % text'],
  ['"%d %i", -5, 7', '-5 7'],
  ['"%d %d", 0, -2147483647 - 1', '0 -2147483648'],
  ['"%ld", -9223372036854775807L - 1', '-9223372036854775808'],
  ['"%u %lu", 4294967295u, 18446744073709551615ul', '4294967295 18446744073709551615'],
  ['"%x %X %#x %#X", 48879u, 48879u, 255u, 255u', 'beef BEEF 0xff 0XFF'],
  ['"%#x %#o %o", 0u, 8u, 8u', '0 010 10'],
  ['"%lx %llx %zx", 1ul << 40, 1ull << 63, sizeof(int)', '10000000000 8000000000000000 4'],
  ['"%hhd %hhu %hd %hu", 300, 300, 70000, 70000', '44 44 4464 4464'],
  ['"[%5d] [%-5d] [%05d]", -42, -42, -42', '[  -42] [-42  ] [-0042]'],
  ['"[%+d] [% d] [%+d]", 5, 5, -5', '[+5] [ 5] [-5]'],
  ['"[%.3d] [%6.3d] [%-6.3d] [%06.3d]", 7, 7, 7, 7', '[007] [   007] [007   ] [   007]'],
  ['"[%.0d] [%.0d] [%4.0d]", 0, 1, 0', '[] [1] [    ]'],
  ['"[%#10x] [%#010x] [%-#10x]", 255u, 255u, 255u', '[      0xff] [0x000000ff] [0xff      ]'],
  ['"[%*d] [%*d] [%.*d]", 4, 1, -4, 1, 3, 1', '[   1] [1   ] [001]'],
  ['"[%s] [%5s] [%-5s] [%.2s] [%5.1s]", "abc", "abc", "abc", "abc", "abc"', '[abc] [  abc] [abc  ] [ab] [    a]'],
  ['"[%s]", (char *)0', '[(null)]'],
  ["\"[%c] [%3c] [%-3c]\", 'a', 'b', 'c'", '[a] [  b] [c  ]'],
  ['"%p", (void *)0x80000000ul', '0x80000000'],
];

describe('printf', () => {
  it.each(formats)('printf(%s)', async (args, text) => {
    const program = `#include <rt/printf.h>\nint main(void) { return printf(${args}) == ${text.length} ? 0 : 1; }`;
    const { exit, console } = await run(program);
    expect([console, exit]).toEqual([text, 0]);
  });

  it.each([
    [10, '12345'],
    [6, '12345'],
    [5, '1234'],
    [1, ''],
  ])('snprintf keeps to a buffer of %i bytes', async (size, text) => {
    const { exit, console } = await run(`
      #include <rt/printf.h>
      int main(void) {
        char buffer[12] = "-----------";
        int count = snprintf(buffer, ${size}, "%d", 12345);
        printf("%s %c", buffer, buffer[${size}]);
        return count;
      }`);
    expect([console, exit]).toEqual([`${text} -`, 5]);
  });

  it('goes to the console of the firmware, too', async () => {
    const { console } = await run(
      `#include <rt/console.h>
       #include <rt/printf.h>
       int main(void) { console_use(CONSOLE_SBI); puts("a line"); return printf("%s", "ok") - 2; }`,
      { mode: 's-mode' },
    );
    expect(console).toContain('a line\nok');
  });

  it('has its formats checked', () => {
    const text = '#include <rt/printf.h>\nint main(void) { return printf("%s", 5); }';
    const { diagnostics } = build([{ name: 'main.c', text }], { library: guestLibrary(texts) });
    expect(diagnostics.map(({ severity, line }) => [severity, line])).toEqual([['warning', 2]]);
  });
});

/** Against the plainest way to say it, at all alignments and lengths around a double-word. */
const bytes = `
  #include <rt/string.h>
  #include <stdint.h>
  enum { ROOM = 64 };
  static unsigned char a[ROOM], b[ROOM];
  static void fill(void) {
    for (int i = 0; i < ROOM; i++) a[i] = b[i] = (unsigned char)(i * 37 + 11);
  }
  static int same(void) {
    for (int i = 0; i < ROOM; i++) if (a[i] != b[i]) return 0;
    return 1;
  }
  #define EVERY(from, to, count) \\
    for (int from = 0; from < 17; from++) \\
      for (int to = 0; to < 17; to++) \\
        for (int count = 0; count < 26; count++)
`;

const byteFunctions: readonly (readonly [what: string, body: string])[] = [
  [
    'memcpy',
    `unsigned char c[ROOM];
     EVERY(from, to, count) {
       fill();
       for (int i = 0; i < ROOM; i++) c[i] = (unsigned char)(200 - i);
       for (int i = 0; i < count; i++) b[to + i] = c[from + i];
       if (memcpy(a + to, c + from, count) != a + to || !same()) return 1;
     }`,
  ],
  [
    'memmove, overlapping',
    `unsigned char c[ROOM];
     EVERY(from, to, count) {
       fill();
       for (int i = 0; i < count; i++) c[i] = b[from + i];
       for (int i = 0; i < count; i++) b[to + i] = c[i];
       if (memmove(a + to, a + from, count) != a + to || !same()) return 1;
     }`,
  ],
  [
    'memset',
    `EVERY(value, to, count) {
       fill();
       for (int i = 0; i < count; i++) b[to + i] = (unsigned char)(value * 31);
       if (memset(a + to, value * 31 + 256, count) != a + to || !same()) return 1;
     }`,
  ],
  [
    'memcmp and memchr',
    `EVERY(from, at, count) {
       fill();
       a[from + at % (count + 1)] = 255; b[from + at % (count + 1)] = 1;
       if (same()) return 3;
       int differs = at % (count + 1) < count;
       if ((memcmp(a + from, b + from, count) > 0) != differs || (memcmp(b + from, a + from, count) < 0) != differs) return 1;
       memset(a, 7, ROOM);
       a[from + at] = 9;
       if (memchr(a + from, 9 + 256, count) != (at < count ? a + from + at : 0)) return 2;
     }`,
  ],
];

describe('bytes and texts', () => {
  it.each(byteFunctions)('%s', async (_, body) => {
    const { exit } = await run(`${bytes}\nint main(void) { ${body} return 0; }`);
    expect(exit).toBe(0);
  });

  it.each([
    ['strlen("") == 0 && strlen("abc") == 3 && strnlen("abc", 2) == 2 && strnlen("abc", 9) == 3'],
    ['strcmp("a", "a") == 0 && strcmp("a", "b") < 0 && strcmp("ab", "a") > 0 && strcmp("\\xff", "a") > 0'],
    ['strncmp("abc", "abd", 2) == 0 && strncmp("abc", "abd", 3) < 0 && strncmp("a", "a\\0b", 9) == 0'],
    ['strcmp(strcpy(buffer, "xyz"), "xyz") == 0 && strcmp(strcat(buffer, "12"), "xyz12") == 0'],
    ['strncpy(buffer, "ab", 4) == buffer && buffer[2] == 0 && buffer[3] == 0 && buffer[4] == \'-\''],
    ["strncpy(buffer, \"abcdef\", 3) == buffer && buffer[2] == 'c' && buffer[3] == '-'"],
    ["strchr(text, 'l') == text + 2 && strchr(text, 0) == text + 5 && strchr(text, 'z') == 0"],
    ["strrchr(text, 'l') == text + 3 && strrchr(text, 0) == text + 5 && strrchr(text, 'z') == 0"],
    ['strstr(text, "lo") == text + 3 && strstr(text, "") == text && strstr(text, "lol") == 0'],
  ])('%s', async (condition) => {
    const program = `
      #include <rt/string.h>
      const char *text = "hello";
      int main(void) { char buffer[16] = "--------------"; return ${condition} ? buffer[15] : 1; }`;
    expect((await run(program)).exit).toBe(0);
  });
});

describe('memory', () => {
  it('gives pages of zeros, each once, and takes them back', async () => {
    const { exit } = await run(`
      #include <rt/memory.h>
      int main(void) {
        memory_start((char *)0x80000000 + (4 << 20));
        char *first = page_allocate(), *second = page_allocate();
        if (!first || !second || first == second || ((long)first | (long)second) & 4095) return 1;
        for (int i = 0; i < 4096; i++) if (first[i] != 0) return 2;
        first[5] = 1;
        page_free(first);
        char *again = page_allocate();
        if (again != first || again[5] != 0) return 3;
        char *block = memory_allocate(100, 16384);
        if (!block || (long)block & 16383 || block[99] != 0) return 4;
        int count = 0;
        while (page_allocate() != NULL) count++;
        if (count < 900 || count > 1023) return 5;
        if (memory_allocate(1 << 20, 8) != NULL) return 6;
        page_free(second);
        return page_allocate() == second ? 0 : 7;
      }`);
    expect(exit).toBe(0);
  });
});

describe('every file', () => {
  const headers = Object.keys(texts).filter((name) => name.endsWith('.h') && name !== 'trap-entry.h');

  it.each(headers)('%s compiles alone, twice, without a warning', (name) => {
    const text = `#include <rt/${name}>\n#include <rt/${name}>\nint main(void) { return 0; }`;
    expect(() => builtWithLibrary(text)).not.toThrow();
  });

  it('is found by what it defines', () => {
    const library = guestLibrary({ ...texts });
    const names = [
      'supervisor_trap_enter',
      'machine_trap_enter',
      'page_table_map',
      'sbi_call',
      'plic_claim',
      'timer_set',
    ];
    for (const name of names) expect([name, library.objects.definerOf(name) !== undefined]).toEqual([name, true]);
    expect(library.objects.definerOf('nobody_defines_this')).toBeUndefined();
  });

  it('gives way to what a program defines itself', async () => {
    const { exit, console } = await run(`
      #include <rt/uart.h>
      int printf(const char *text) { uart_put(*text); return 3; }
      int main(void) { return printf("x"); }`);
    expect([exit, console]).toEqual([3, 'x']);
  });

  it('is not linked into a program that needs none of it', () => {
    const result = build([{ name: 'main.s', text: '.globl _start\n_start: j _start\n' }], {
      library: guestLibrary(texts),
    });
    expect(result.ok && result.image.segments.map(({ size }) => size)).toEqual([4]);
  });
});
