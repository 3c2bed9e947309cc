import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../src/components/event-queue.ts';
import { grouped } from '../../src/components/grouped.ts';
import { submissionName } from '../../src/components/hand-in.ts';
import { inlineCode } from '../../src/components/inline-code.ts';
import { compare, readNumber } from '../../src/components/predictions.ts';
import { shortcutFor } from '../../src/components/shortcuts.ts';
import { symbolizer } from '../../src/components/symbolize.ts';
import type { Lesson } from '../../src/labs/lesson.ts';

describe('predictions', () => {
  it.each([
    ['23', 23],
    [' 1,234 ', 1234],
    ['12 000', 12_000],
  ])('reads %j', (text, value) => {
    expect(readNumber(text)).toEqual({ ok: true, value });
  });

  it.each(['', 'ten', '-3', '1.5', '9'.repeat(16)])('refuses %j and says what to write', (text) => {
    expect(readNumber(text)).toMatchObject({ ok: false, message: expect.stringMatching(/^Write /) });
  });

  it('says by how much a guess was off', () => {
    expect([compare(5, 5), compare(3, 1003), compare(9, 8)]).toEqual(['none', '1,000 too few', '1 too many']);
  });
});

it.each([0, 7, 999, 1000, 12_345, 999_999, 1_000_000, 2 ** 40])('%d has its thousands separated', (count) => {
  expect(grouped(count)).toBe(count.toLocaleString('en'));
});

describe('a submission', () => {
  const lesson = { slug: '03-traps' } as Lesson;
  it.each([
    ['', '03-traps.json'],
    ['Ada Lovelace', '03-traps.ada-lovelace.json'],
    ['Łukasz / Żak', '03-traps.łukasz-żak.json'],
    ['../..', '03-traps.json'],
  ])('of %j is called %s', (student, name) => {
    expect(submissionName(lesson, student)).toBe(name);
  });
});

describe('messages', () => {
  it('set what stands between backticks as code, and leave a lone one', () => {
    expect(inlineCode('use `sret`, not `')).toEqual([
      { text: 'use ', code: false },
      { text: 'sret', code: true },
      { text: ', not `', code: false },
    ]);
  });

  it('name addresses by the nearest label', () => {
    const symbols = [{ name: 'handler', address: 0x100n, size: 0n, kind: 'function' as const, global: true }];
    const name = symbolizer(symbols as never);
    expect([name(0x100n), name(0x11cn), name(0x10n)]).toEqual(['handler', 'handler+0x1c', '0x10']);
  });
});

describe('shortcuts', () => {
  const pressed = { key: '', ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };
  it.each([
    [{ ...pressed, key: 'Enter', ctrlKey: true }, 'run'],
    [{ ...pressed, key: 'Enter', metaKey: true }, 'run'],
    [{ ...pressed, key: 'Enter', ctrlKey: true, shiftKey: true }, 'restart'],
    [{ ...pressed, key: 'F10' }, 'over'],
    [{ ...pressed, key: 'F11' }, 'into'],
    [{ ...pressed, key: 'F11', shiftKey: true }, 'out'],
    [{ ...pressed, key: 'F7' }, 'back'],
    [{ ...pressed, key: 'Enter' }, undefined],
    [{ ...pressed, key: 'F10', altKey: true }, undefined],
  ])('%o is %s', (event, action) => {
    expect(shortcutFor(event)).toBe(action);
  });
});

describe('events that wait', () => {
  it('come out as one batch in their order, once', () => {
    const queue = new EventQueue();
    queue.add({ words: Uint32Array.of(1, 2) });
    queue.add({ words: Uint32Array.of(3) });
    expect(queue.take()?.words).toEqual(Uint32Array.of(1, 2, 3));
    expect(queue.take()).toBeUndefined();
  });

  it('come in pieces where that is asked for, however they were sent', () => {
    const queue = new EventQueue();
    queue.add({ words: Uint32Array.of(1, 2, 3, 4, 5) });
    queue.add({ words: Uint32Array.of(6) });
    const pieces = [queue.take(2), queue.take(2), queue.take(2)].map((piece) => [...(piece?.words ?? [])]);
    expect(pieces).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(queue.empty).toBe(true);
  });

  it('can be forgotten, and are counted then', () => {
    const queue = new EventQueue();
    queue.add({ words: Uint32Array.of(1, 2) });
    expect(queue.clear()).toBe(2);
    expect(queue.take()).toBeUndefined();
  });
});
