/** What variables hold where a program is stopped, with and without optimization. */
import { describe, expect, it } from 'vitest';
import { evaluated, stopped, variablesOf } from './stopping.ts';

const use = 'volatile long sink;\n__attribute__((noinline)) void use(long n) { sink = n; }\n';
const inMain = (body: string): string => `${use}int main(void) {\n${body}\nreturn 0; }`;

/** Title, program, what is seen at `// here` in either way of compiling. */
const rows: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
  [
    'parameters',
    `${use}__attribute__((noinline)) int f(int a, char b) {\n use(a); // here\n use(b); return a; }\nint main(void) { return f(7, 'x'); }`,
    { a: '7', b: "120 'x'" },
  ],
  ['a value of a call', inMain('long n = sink + 3;\nuse(n); // here\nuse(n);'), { n: '3' }],
  ['a constant', inMain('int n = 5;\nuse(sink); // here\nuse(n);'), { n: '5' }],
  ['the address of a variable', inMain('long n = 4; long *p = &n;\nuse(*p); // here\nuse(n + (long)p);'), { n: '4' }],
  [
    'floating point',
    inMain('double d = sink + 1.5; float f = 2.25f;\nuse(d); // here\nuse(d + f);'),
    { d: '1.5', f: '2.25' },
  ],
  [
    'an enumeration',
    inMain('enum { RED, GREEN = 5 } c = sink ? RED : GREEN;\nuse(c); // here\nuse(c);'),
    { c: 'GREEN' },
  ],
  ['flags', inMain('enum { A = 1, B = 2, C = 4 } c = sink + 5;\nuse(c); // here\nuse(c + 1); use(c);'), { c: 'A | C' }],
  [
    'bit-fields',
    inMain('struct { unsigned a : 3; int b : 5; } s; s.a = 6; s.b = -3;\nuse((long)&s); // here\nuse(s.b);'),
    { s: '{a = 6, b = -3}' },
  ],
  [
    'text',
    inMain('const char *s = "hi\\n"; char t[4] = "ab";\nuse((long)s + (long)t); // here\nuse((long)s);'),
    { t: '"ab"' },
  ],
  ['an array', inMain('int a[3] = { 1, 2, 3 };\nuse((long)a); // here'), { a: '{1, 2, 3}' }],
  [
    'a union',
    inMain('union { int n; char c[4]; } u; u.n = 0x4241;\nuse((long)&u); // here'),
    { u: '{n = 16961, c = "AB"}' },
  ],
  [
    'an inner block before an outer one',
    inMain('int n = sink + 1; use(n); { int n = sink + 5;\nuse(n); // here\nuse(n); } use(n);'),
    { n: '6' },
  ],
  ['truth', inMain('_Bool b = sink == 0;\nuse(b); // here\nuse(b);'), { b: 'true' }],
];

describe.each([
  ['optimized', true],
  ['in memory', false],
] as const)('variables, %s', (_title, optimize) => {
  it.each(rows)('%s', async (_name, text, expected) => {
    expect(variablesOf(await stopped(text, optimize))).toMatchObject(expected);
  });

  it('of a loop, round by round', async () => {
    const text = inMain(
      'long total = 0;\nfor (int i = 0; i < 5; i++) {\nuse(total); // here\ntotal += i; }\nuse(total);',
    );
    for (const [round, total] of [0, 0, 1, 3].entries()) {
      expect(variablesOf(await stopped(text, optimize, round + 1))).toMatchObject({ i: `${round}`, total: `${total}` });
    }
  });

  it('of a loop that has become straight code', async () => {
    const text = inMain(
      'long total = sink;\nfor (int level = 2; level >= 0; level--) {\nlong before = total; total += level;\nuse(before); // here\nuse(total); }\nuse(total);',
    );
    const rounds = [
      ['2', '0', '2'],
      ['1', '2', '3'],
      ['0', '3', '3'],
    ];
    for (const [index, [level, before, total]] of rounds.entries())
      expect(variablesOf(await stopped(text, optimize, index + 1))).toMatchObject({ level, before, total });
  });

  it('of a function that takes memory from the stack while it runs', async () => {
    const text = `${use}__attribute__((noinline)) long sum(int count) {
int list[count];
char *more = __builtin_alloca(count);
for (int i = 0; i < count; i++) list[i] = more[i] = i * 3;
use(list[2]); // here
return list[1] + more[2] + count; }
int main(void) { return sum(5 + sink); }`;
    const at = await stopped(text, optimize);
    expect(variablesOf(at)).toMatchObject({ count: '5' });
    expect(['list[2]', '*more', 'more[4]'].map((each) => evaluated(at, each))).toEqual(['6', '0', "12 '\\x0c'"]);
  });
});

describe('variables', () => {
  it('that nothing needs any more are told to be so', async () => {
    const text = inMain('long n = sink + 3; use(n); sink = 4;\nuse(sink); // here');
    expect(variablesOf(await stopped(text))).toEqual({ n: '<optimized out>' });
  });

  it('of a struct that is kept in registers', async () => {
    const text = inMain(
      'struct { long a, b; } p; p.a = sink + 1; p.b = sink + 2;\nuse(p.a); // here\nuse(p.b); use(p.a);',
    );
    expect(variablesOf(await stopped(text))).toEqual({ p: '{a = 1, b = 2}' });
  });

  it('of a function that was taken in', async () => {
    const text = `${use}static int twice(int n) { int m = n + n;\nuse(m); // here\nreturn m; }\nint main(void) { int k = sink + 4; k = twice(k); use(k); return k; }`;
    const at = await stopped(text);
    expect(at.frames().map((frame) => [frame.function?.name, frame.inlined])).toEqual([
      ['twice', true],
      ['main', false],
      [undefined, false],
    ]);
    expect(variablesOf(at)).toMatchObject({ m: '8' });
  });
});

const list = `${use}
struct node { int pid; struct node *next; char name[8]; unsigned kind : 3; };
struct node nodes[3];
int table[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };
int main(void) {
  for (int i = 0; i < 3; i++) { nodes[i].pid = i * 10; nodes[i].next = &nodes[(i + 1) % 3]; nodes[i].name[0] = 'a' + i; nodes[i].kind = i; }
  struct node *p = &nodes[0]; struct node **pp = &p; use((long)pp);
  struct node *bad = (struct node *)8;
  use((long)p); // here
  use((long)bad);
  return p->pid; }`;

describe('expressions', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['p->pid', '0'],
    ['p->next->pid', '10'],
    ['(*p).next->next->name', '"c"'],
    ['(*pp)->next->kind', '1'],
    ['nodes[2].pid', '20'],
    ['table[1]', '{4, 5, 6}'],
    ['table[1][2]', '6'],
    ['*table[1]', '4'],
    ['nodes[p->next->pid].pid', 'the pointer is not known here'],
    ['p->next[1].pid', '20'],
    ['p->nothing', 'there is no member `nothing`'],
    ['missing', 'there is no `missing` here'],
    ['p->', 'the name of a member is missing'],
    ['nodes[', 'a name is missing at the end'],
    ['p )', '`)` is left over'],
    ['bad->pid', '<cannot be read>'],
    ['sink->x', 'this is no pointer'],
    ['&sink->x', 'this is no pointer'],
    ['$nothing', 'there is no `$nothing` here'],
    ['-table[0][1]', '-2'],
    ['', 'a name is missing at the end'],
  ];
  it.each(rows.filter(([text]) => text !== 'nodes[p->next->pid].pid'))('%s', async (text, expected) => {
    expect(evaluated(await stopped(list, false), text)).toBe(expected);
  });

  it('follow rings of pointers as long as they are asked to', async () => {
    const ring = `p${'->next'.repeat(30)}->pid`;
    expect(evaluated(await stopped(list, false), ring)).toBe('0');
  });
});
