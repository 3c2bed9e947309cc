/** The machine of the landing page, with the handler as it is and as visitors break it. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Story, sayMistake, sayScene, sceneAt, storyOf, verdictOf } from '../../src/components/landing/story.ts';
import { mostSteps, runTwoGuests } from '../../src/labs/two-guests.ts';

const textOf = (name: string): string =>
  readFileSync(new URL(`../../content/guests/two-guests/${name}`, import.meta.url), 'utf8');
const handler = textOf('handler.inc');

async function storyWith(text: string): Promise<Story> {
  const run = await runTwoGuests({
    'hypervisor.S': textOf('hypervisor.S'),
    'guests.S': textOf('guests.S'),
    'handler.inc': text,
  });
  if (!run.ok) throw new Error(run.diagnostics.map(({ message }) => message).join('\n'));
  return storyOf({ words: run.words }, run.steps, run.end, run.second);
}

const without = (pattern: RegExp): string => {
  expect(handler).toMatch(pattern);
  return handler.replace(pattern, '');
};

describe('two guests', () => {
  it('print what each has to say, in turns', async () => {
    const story = await storyWith(handler);
    const { printed, counts } = sceneAt(story, story.steps);
    expect(story.steps).toBe(mostSteps);
    expect('0123456789'.repeat(20).startsWith(printed[0])).toBe(true);
    expect('abcdefghijklmnopqrstuvwxyz'.repeat(9).startsWith(printed[1])).toBe(true);
    expect(Math.min(printed[0].length, printed[1].length)).toBeGreaterThan(50);
    expect(counts.hypercalls.map((count) => count)).toEqual(printed.map(({ length }) => length));
    expect(counts.turns).toBeGreaterThan(10);
    expect(verdictOf(story)).toMatch(/^Both guests print/);
  });

  it.each([
    ['that does not go on behind the ecall', /.*addi.*\n/, /same character/],
    ['that prints nothing', /.*sb .*\n/, /Neither guest/],
    ['that takes a timer for a call', /.*bltz.*\n/, /stopped/],
  ])('are let down by a handler %s', async (_, line, verdict) => {
    expect(verdictOf(await storyWith(without(line)))).toMatch(verdict);
  });

  it('are not blamed for what the handler did itself', async () => {
    const story = await storyWith('handle:\n\t.word 0');
    expect(verdictOf(story)).toMatch(/^The handler itself trapped at step/);
    expect(sayScene(sceneAt(story, story.steps))).toMatch(/^The handler itself trapped/);
  });

  it('have no line for what is wrong outside of the handler', async () => {
    const run = await runTwoGuests({
      'hypervisor.S': textOf('hypervisor.S'),
      'guests.S': textOf('guests.S'),
      'handler.inc': '\n',
    });
    expect(!run.ok && sayMistake(run.diagnostics)).toBe('In the hypervisor around it: undefined symbol “handle”.');
  });

  it('say what is wrong with a line, by its number', async () => {
    const text = handler.replace('addi', 'addx');
    const run = await runTwoGuests({
      'hypervisor.S': textOf('hypervisor.S'),
      'guests.S': textOf('guests.S'),
      'handler.inc': text,
    });
    const line = text.split('\n').findIndex((each) => each.includes('addx')) + 1;
    expect(!run.ok && run.diagnostics[0]).toMatchObject({ file: 'handler.inc', line });
  });

  it('are seen at any step as they were', async () => {
    const story = await storyWith(handler);
    expect(sayScene(sceneAt(story, 0))).toMatch(/^M-mode/);
    const scene = story.scenes.find(({ cause }) => cause === 'hypercall');
    const at = scene?.position ?? 0;
    expect(sayScene(sceneAt(story, at - 1))).toBe('Guest A runs.');
    expect(sayScene(sceneAt(story, at))).toMatch(/asked for a character/);
    expect(sceneAt(story, at).printed).toEqual(['', '']);
    expect(sceneAt(story, at + 200).printed[0]).toBe('0');
  });
});
