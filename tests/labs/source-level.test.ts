/** Stack, variables and expressions of C on the bench, at the optimization that students use. */
import { describe, expect, it } from 'vitest';
import { openDebug } from '../../src/engine/debug/debug.ts';
import { addressesOf, lineAt } from '../../src/engine/image.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import { build } from '../../src/engine/toolchain/build.ts';
import { Recording } from '../../src/labs/recording.ts';
import { evaluateIn, type Stopped, stackOf } from '../../src/labs/source-level.ts';
import { type StepKind, Stepper } from '../../src/labs/stepping.ts';
import { finish } from './finish.ts';

const start = '\t.globl _start\n_start: la sp, stack\n\tcall main\n\tj .\n\t.bss\n\t.zero 4096\nstack:\n';
const program = `struct process {
  int pid;
  struct process *next;
  char name[8];
};
struct process second = { 2, 0, "sh" };
struct process first = { 1, &second, "init" };
volatile int sink;
__attribute__((noinline)) int sum(struct process *p, int start) {
  int total = start;
  for (; p; p = p->next) {
    sink = total;
    total += p->pid;
  }
  return total;
}
int main(void) {
  int a = 40;
  int b = sum(&first, a);
  sink = b;
  return b;
}
`;
const lineOf = (text: string): number => program.split('\n').findIndex((line) => line.includes(text)) + 1;

interface Session extends Stopped {
  readonly recording: Recording;
  goTo(line: number): void;
  step(how: StepKind): number | undefined;
}

async function session(startText = start): Promise<Session> {
  const built = build([
    { name: 'start.S', text: startText },
    { name: 'main.c', text: program },
  ]);
  if (!built.ok) throw new Error(JSON.stringify(built.diagnostics));
  const { image } = built;
  const machine = await createMachine({ ...defaultBoard, ram: 2 ** 20 });
  machine.load(image);
  const sink = { events: () => {}, output: () => {} };
  const recording = new Recording(machine, [], sink, () => performance.now());
  const debug = openDebug(image);
  return {
    machine,
    image,
    debug,
    recording,
    hart: 0,
    goTo: (line) => finish(recording.goingTo(addressesOf(image, 'main.c', line), () => true)),
    step: (how) => {
      finish(new Stepper(recording, image, debug).step(how));
      return lineAt(image, machine.core().pc)?.line;
    },
  };
}

const texts = (stopped: Stopped, frame: number): Record<string, string> =>
  Object.fromEntries(stackOf(stopped)[frame]?.variables.map(({ name, text }) => [name, text]) ?? []);

describe('a stopped program', () => {
  it('was called by the label above the call, even if another one follows', async () => {
    const stopped = await session(start.replace('\tj .', 'after: j .'));
    stopped.goTo(lineOf('sink = total'));
    expect(stackOf(stopped).at(-1)?.name).toMatch(/^_start\+0x/);
  });

  it('has a stack with the variables of each function', async () => {
    const stopped = await session();
    stopped.goTo(lineOf('total += p->pid'));
    expect(stackOf(stopped).map(({ name, place }) => [name, place?.line])).toEqual([
      ['sum', lineOf('total += p->pid')],
      ['main', lineOf('int b = sum')],
      ['_start+0x10', expect.any(Number)],
    ]);
    expect(texts(stopped, 0)).toMatchObject({ total: '40' });
    expect(texts(stopped, 1)).toMatchObject({ a: '40' });
  });

  it.each([
    ['total', '40'],
    ['p->pid', '1'],
    ['p->next->pid', '2'],
    ['first.next', /second/],
    ['(*p).name', '"init"'],
    ['p->next->next', 'NULL'],
    ['sink', '40'],
  ])('says what %s is', async (text, wanted) => {
    const stopped = await session();
    stopped.goTo(lineOf('total += p->pid'));
    const found = evaluateIn(stopped, text, 0);
    expect(found.ok && found.value.text).toMatch(wanted);
  });

  it('opens a struct by its fields, and these by theirs', async () => {
    const stopped = await session();
    stopped.goTo(lineOf('total += p->pid'));
    const found = evaluateIn(stopped, '*p', 0);
    if (!found.ok) throw new Error(found.message);
    expect(found.children.map(({ name, text }) => [name, text])).toMatchObject([
      ['pid', '1'],
      ['next', expect.stringMatching(/second/)],
      ['name', expect.stringMatching(/^"init/)],
    ]);
    const inner = evaluateIn(stopped, found.children[1]?.path ?? '', 0);
    expect(inner.ok && inner.value.hasChildren).toBe(true);
  });

  it.each(['nothing', 'p->nowhere', 'total.x', '1 +', ''])('says why it cannot tell %s', async (text) => {
    const stopped = await session();
    stopped.goTo(lineOf('total += p->pid'));
    const found = evaluateIn(stopped, text, 0);
    expect(!found.ok && found.message.length > 5).toBe(true);
  });

  it('steps over a call, into it, and out of it', async () => {
    const call = lineOf('int b = sum');
    const over = await session();
    over.goTo(call);
    expect(over.step('over')).toBe(lineOf('sink = b'));
    const into = await session();
    into.goTo(call);
    const inside = into.step('into') ?? 0;
    expect(inside >= lineOf('int total = start') && inside <= lineOf('return total')).toBe(true);
    into.step('out');
    expect(stackOf(into).map(({ name }) => name)).toEqual(['main', '_start+0x10']);
  });
});
