/** Whatever is linked: no exception, no endless loop, every diagnostic with a place. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReporter } from '../../../src/engine/toolchain/diagnostics.ts';
import { readElf, writeLinked, writeObject } from '../../../src/engine/toolchain/elf.ts';
import {
  imageOf,
  type LinkInput,
  type LinkOptions,
  link,
  type OutputKind,
  parseScript,
} from '../../../src/engine/toolchain/link.ts';
import { readLinkInput } from '../../../src/engine/toolchain/link-input.ts';
import linkFixtures from './fixtures/linked.json' with { type: 'json' };
import { archiveOf, fixture, linkedFiles, objectOf } from './linking.ts';

const names = ['kernel', 'board', 'orphans', 'garbage'] as const;
const scripts = names.map((name) => fixture(`${name}.ld`));
const objects = Object.values(linkFixtures)
  .flatMap(({ relaxing }) => relaxing)
  .map((base64) => new Uint8Array(Buffer.from(base64, 'base64')));
const pic =
  '.option pic\n.globl f, g, v\n.type f, @function\nf: la a0, v\nla.tls.gd a1, t\ncall g\nret\n.section .text.g, "axG", @progbits, g, comdat\n.weak g\ng: ret\n' +
  '.data\nv: .dword f, v + 8\n.section .tbss, "awT", @nobits\nt: .zero 8';
const shared = writeLinked(linkedFiles({ 'a.s': pic }, { kind: 'shared' }));
const archive = archiveOf(
  { 'a.o': writeObject(objectOf('a.s', pic)), 'second_member_name.o': objects[0] ?? new Uint8Array() },
  { f: 'a.o' },
);
const files = [...objects, writeObject(objectOf('p.s', pic)), shared, archive];

function check(inputs: readonly LinkInput[], options: LinkOptions, script: string | undefined): void {
  const reporter = createReporter();
  const parsed = script === undefined ? undefined : parseScript('k.ld', script, reporter);
  const linked = link(inputs, { ...options, ...(parsed && { script: parsed }) }, reporter);
  for (const { line, column, endColumn, message, file } of reporter.diagnostics) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(endColumn).toBeGreaterThan(column);
    expect(file).not.toBe('');
    expect(message).not.toMatch(/undefined`|NaN|\[object/);
  }
  if (reporter.failed) return;
  readElf(writeLinked(linked));
  imageOf(linked);
}

const kinds: readonly OutputKind[] = ['static', 'static-pie', 'dynamic', 'pie', 'shared'];
const options = fc.record({ kind: fc.constantFrom(...kinds), removeGarbage: fc.boolean(), exportAll: fc.boolean() });

const damage = fc.record({
  file: fc.constantFrom(...files),
  changes: fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 127, 128, 255))), { maxLength: 6 }),
  kept: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
});

const pieces = [
  ...[
    '{',
    '}',
    '(',
    ')',
    ';',
    '*',
    ':',
    '.',
    '=',
    '+=',
    '?',
    '"',
    '/*',
    '&',
    '-1',
    '%',
    '/ 0',
    '>RAM',
    'AT>ROM',
    '=0x',
  ],
  ...['ALIGN(', 'KEEP(', 'SORT(', 'ADDR(.text)', 'SIZEOF(.bss)', 'BYTE(1)', 'FILL(', 'SUBALIGN(0)', 'PROVIDE(x = .);'],
  ...[
    'SECTIONS',
    'MEMORY',
    'PHDRS',
    '/DISCARD/',
    '0x80000000',
    '1 << 40',
    '. = . - 1;',
    '. = 0xffffffffffffffff;',
    'x = x + 1;',
  ],
];

const edit = fc.record({
  at: fc.nat(),
  length: fc.nat(40),
  text: fc.oneof(fc.constant(''), fc.constantFrom(...pieces)),
});

const script = fc.tuple(fc.constantFrom(...scripts), fc.array(edit, { maxLength: 4 })).map(([whole, edits]) => {
  let text = whole;
  for (const { at, length, text: piece } of edits) {
    const start = at % (text.length + 1);
    text = text.slice(0, start) + piece + text.slice(start + length);
  }
  return text;
});

describe('robustness', () => {
  it('damaged objects, archives and shared objects', () => {
    fc.assert(
      fc.property(fc.array(damage, { maxLength: 4 }), options, (parts, given) => {
        const inputs = parts.flatMap(({ file, changes, kept }, index) => {
          const bytes = file.slice(0, Math.ceil(file.length * kept));
          for (const [at, value] of changes) bytes[at % Math.max(bytes.length, 1)] = value;
          const result = readLinkInput(`file${index}`, bytes);
          if (!result.ok) expect(result.message).not.toBe('');
          return result.ok ? [result.input] : [];
        });
        check(inputs, given, undefined);
      }),
      { numRuns: 600 },
    );
  });

  it('scripts with a part cut out, doubled or replaced', () => {
    const inputs = files.flatMap((file, index) => {
      const result = readLinkInput(`file${index}`, file);
      return result.ok ? [result.input] : [];
    });
    fc.assert(
      fc.property(script, options, fc.nat(inputs.length), (text, given, count) =>
        check(inputs.slice(0, count), given, text),
      ),
      { numRuns: 600 },
    );
  });

  it('noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ maxLength: 200, unit: 'binary' }), (bytes, text) => {
        readLinkInput('noise', bytes);
        readLinkInput('noise', Uint8Array.of(...shared.slice(0, 64), ...bytes));
        check([], {}, text);
      }),
      { numRuns: 1000 },
    );
  });

  const bombs: readonly (readonly [string, string])[] = [
    ['parentheses', `SECTIONS { x = ${'('.repeat(5000)}1; }`],
    ['a long sum', `SECTIONS { x = ${'1 + '.repeat(5000)}1; }`],
    ['signs', `SECTIONS { x = ${'-'.repeat(5000)}1; }`],
    ['questions', `SECTIONS { x = ${'1 ? 1 : '.repeat(5000)}1; }`],
    ['symbols that depend on each other', 'SECTIONS { a = b + 1; b = a + 1; .text : { . = . + (b & 0xfff); } }'],
    ['stars', `SECTIONS { .text : { ${'*'.repeat(300)}a(${'*a'.repeat(300)}) } }`],
    ['sections without end', `SECTIONS { ${'.a : { '.repeat(2000)} }`],
    ['a section of a terabyte', 'SECTIONS { .text : { . = 1 << 41; } }'],
    ['zeros of a terabyte', 'SECTIONS { .stack (NOLOAD) : { . = 1 << 39; } }'],
    ['many mistakes', `SECTIONS { ${'x = y;\n'.repeat(5000)} }`],
  ];
  for (const [title, text] of bombs) {
    it(`ends soon: ${title}`, () => {
      const inputs = [{ kind: 'object', object: objectOf('a.s', pic) }] as const;
      check(inputs, {}, text);
    });
  }
});
