import { describe, expect, it } from 'vitest';
import type { ShownExpression, ShownFrame, ShownValue } from '../../src/engine/inspection.ts';
import { guessesIn, placeOf, rowsOf, textsOf, toggled } from '../../src/visualizers/stack/model.ts';

const value = (name: string, text: string, path = name, hasChildren = false): ShownValue => ({
  name,
  path,
  type: 'int',
  text,
  hasChildren,
  address: undefined,
  parameter: false,
});

const frameWith = (...variables: readonly ShownValue[]): ShownFrame => ({
  pc: 0x8000_0000n,
  name: 'main',
  inlined: false,
  certain: true,
  place: { file: 'a.c', line: 7 },
  variables,
});

const none = new Map<string, string>();
/** A list that leads to itself: every `*` has a `next`. */
const cyclic = (path: string): ShownExpression => ({
  ok: true,
  value: value(path, ''),
  children: [value('pid', '1', `(${path}).pid`), value('next', '0x1', `(${path}).next`, true)],
});

describe('the rows of a frame', () => {
  it('are its variables, with the parts of those that are open below them', () => {
    const frame = frameWith(value('p', '0x1', 'p', true), value('x', '3'));
    const closed = rowsOf(frame, new Set(), none, cyclic);
    expect(closed.map(({ value: { name }, open }) => [name, open])).toEqual([
      ['p', false],
      ['x', false],
    ]);
    const open = rowsOf(frame, toggled(new Set(), frame, 'p'), none, cyclic);
    expect(open.map(({ value: { name }, depth }) => [name, depth])).toEqual([
      ['p', 0],
      ['pid', 1],
      ['next', 1],
      ['x', 0],
    ]);
  });

  it('end, whatever is opened in a list that leads to itself', () => {
    const frame = frameWith(value('p', '0x1', 'p', true));
    let opened: ReadonlySet<string> = new Set();
    let path = 'p';
    for (let depth = 0; depth < 50; depth++, path = `(${path}).next`) opened = toggled(opened, frame, path);
    expect(Math.max(...rowsOf(frame, opened, none, cyclic).map(({ depth }) => depth))).toBe(12);
  });

  it('say what reads otherwise than at the stop before', () => {
    const before = frameWith(value('x', '3'), value('y', '4'));
    const texts = textsOf(before, rowsOf(before, new Set(), none, cyclic));
    const now = frameWith(value('x', '3'), value('y', '5'), value('z', '6'));
    expect(rowsOf(now, new Set(), texts, cyclic).map(({ changed }) => changed)).toEqual([false, true, false]);
  });

  it('close again', () => {
    const frame = frameWith(value('p', '0x1', 'p', true));
    expect(toggled(toggled(new Set(), frame, 'p'), frame, 'p').size).toBe(0);
  });
});

it('names the place of a frame', () => {
  expect(placeOf(frameWith())).toBe('a.c:7');
  expect(placeOf({ ...frameWith(), place: undefined })).toBe('');
});

it('says whose callers follow from their instructions alone', () => {
  const guessed = { ...frameWith(), name: 'around', certain: false };
  const outermost = { ...frameWith(), name: '_start', certain: false };
  expect(guessesIn([frameWith(), guessed, guessed, outermost])).toEqual(['around']);
  expect(guessesIn([outermost])).toEqual([]);
});
