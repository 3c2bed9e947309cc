/** Whole programs against GNU as and ld: the same bytes at the same addresses. `scripts/make-as-fixtures.ts` makes them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findSymbol } from '../../src/engine/image.ts';
import { builtFiles, firstDifference, flatBytes, hex } from './building.ts';
import programs from './fixtures/programs.json' with { type: 'json' };

const read = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)), 'utf8');

interface Program {
  readonly files: readonly string[];
  readonly bytes: string;
  readonly symbols: Readonly<Record<string, string>>;
}

describe('programs are built as GNU as and ld build them', () => {
  for (const [name, { files, bytes, symbols }] of Object.entries<Program>(programs)) {
    const image = () => builtFiles(Object.fromEntries(files.map((file) => [file, read(file)])));

    it(`${name}: bytes`, () => {
      expect(firstDifference(hex(flatBytes(image())), bytes)).toBeUndefined();
    });

    it(`${name}: symbols`, () => {
      const built = image();
      for (const [symbol, address] of Object.entries(symbols)) {
        const all = built.symbols.filter((each) => each.name === symbol).map((each) => each.address.toString(16));
        if (findSymbol(built, symbol) !== undefined || symbol !== '_end') expect(all, symbol).toContain(address);
      }
    });
  }
});
