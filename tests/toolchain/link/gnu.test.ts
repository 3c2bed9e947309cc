/** Against GNU ld: scripts and objects give the same bytes at the same addresses. `scripts/make-as-fixtures.ts` makes them. */
import { describe, expect, it } from 'vitest';
import { createReporter } from '../../../src/engine/toolchain/diagnostics.ts';
import { imageOf, type Linked, type LinkInput, link, parseScript } from '../../../src/engine/toolchain/link.ts';
import { firstDifference, hex, inWords } from '../building.ts';
import linkFixtures from './fixtures/linked.json' with { type: 'json' };
import { asInput, fixture, flatImage, inputOf, objectOf } from './linking.ts';

interface Fixture {
  readonly files: readonly string[];
  readonly relaxing: readonly string[];
  readonly fixed: readonly string[];
  readonly bytes: string;
  readonly relaxingBytes: string;
  readonly symbols: Readonly<Record<string, string>>;
  readonly relaxingSymbols: Readonly<Record<string, string>>;
}

function linked(name: string, inputs: readonly LinkInput[]): Linked {
  const reporter = createReporter();
  const script = parseScript(`${name}.ld`, fixture(`${name}.ld`), reporter);
  const result = link(inputs, { script, removeGarbage: name === 'garbage' }, reporter);
  expect(reporter.diagnostics.map(inWords)).toEqual([]);
  return result;
}

function compare(result: Linked, bytes: string, symbols: Readonly<Record<string, string>>): void {
  for (const [name, address] of Object.entries(symbols)) {
    const all = result.symbols.filter((each) => each.name === name).map((each) => each.address.toString(16));
    expect(all, name).toContain(address);
  }
  expect(firstDifference(hex(flatImage(imageOf(result))), bytes)).toBeUndefined();
}

const decode = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));

describe('as GNU ld links', () => {
  for (const [name, made] of Object.entries<Fixture>(linkFixtures)) {
    const objectName = (index: number): string => (made.files[index] ?? '').replace('.s', '.o');
    const read = (objects: readonly string[]): LinkInput[] =>
      objects.map((object, index) => inputOf(objectName(index), decode(object)));

    it(`${name}: from sources`, () => {
      const inputs = made.files.map((file) => asInput(objectOf(file, fixture(file))));
      compare(linked(name, inputs), made.bytes, made.symbols);
    });

    it(`${name}: from objects of GNU as`, () => {
      compare(linked(name, read(made.fixed)), made.bytes, made.symbols);
    });

    it(`${name}: from objects with room for relaxation, and 16-bit instructions`, () => {
      compare(linked(name, read(made.relaxing)), made.relaxingBytes, made.relaxingSymbols);
    });
  }
});
