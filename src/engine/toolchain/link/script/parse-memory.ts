/** MEMORY, REGION_ALIAS and PHDRS: what there is to place sections in. */
import { Mistake } from '../../diagnostics.ts';
import { didYouMean } from '../../suggest.ts';
import { parseExpression } from './parse-expression.ts';
import type { Scanner } from './scanner.ts';
import type { Region, RegionAlias, SegmentDescription } from './script.ts';

/** `RAM (rwx) : ORIGIN = 0x80000000, LENGTH = 128M` */
export function parseRegion(scanner: Scanner): Region {
  scanner.skip();
  const start = scanner.at;
  const name = scanner.symbol();
  if (name === undefined) throw scanner.unexpected('the name of a memory region');
  const at = scanner.span(start, scanner.at);
  let attributes = '';
  if (scanner.accept('(')) {
    attributes = (scanner.wild() ?? '').toLowerCase();
    scanner.expect(')', 'after the attributes');
  }
  const hint = 'a region is `RAM (rwx) : ORIGIN = 0x80000000, LENGTH = 128M`';
  scanner.expect(':', 'after the name of the region', hint);
  const origin = regionValue(scanner, ['ORIGIN', 'org', 'o'], hint);
  scanner.expect(',', 'between origin and length', hint);
  const length = regionValue(scanner, ['LENGTH', 'len', 'l'], hint);
  return { name, at, attributes, origin, length };
}

function regionValue(scanner: Scanner, words: readonly string[], hint: string): Region['origin'] {
  if (!words.some((word) => scanner.accept(word))) throw scanner.unexpected(`\`${words[0]}\``, hint);
  scanner.expect('=', `after ${words[0]}`, hint);
  return parseExpression(scanner);
}

const segmentTypeNumbers: Readonly<Record<string, bigint>> = {
  PT_NULL: 0n,
  PT_LOAD: 1n,
  PT_DYNAMIC: 2n,
  PT_INTERP: 3n,
  PT_NOTE: 4n,
  PT_SHLIB: 5n,
  PT_PHDR: 6n,
  PT_TLS: 7n,
  PT_GNU_EH_FRAME: 0x6474e550n,
  PT_GNU_STACK: 0x6474e551n,
  PT_GNU_RELRO: 0x6474e552n,
  PT_RISCV_ATTRIBUTES: 0x70000003n,
};

/** `text PT_LOAD FILEHDR PHDRS FLAGS(5);` */
export function parseSegment(scanner: Scanner): SegmentDescription {
  scanner.skip();
  const start = scanner.at;
  const name = scanner.symbol();
  if (name === undefined) throw scanner.unexpected('the name of a segment');
  const at = scanner.span(start, scanner.at);
  const type = segmentType(scanner);
  let fileHeader = false;
  let programHeaders = false;
  let loadAddress: Region['origin'] | undefined;
  let flags: Region['origin'] | undefined;
  while (!scanner.accept(';')) {
    const word = scanner.symbol();
    if (word === 'FILEHDR') fileHeader = true;
    else if (word === 'PHDRS') programHeaders = true;
    else if (word === 'AT') loadAddress = parseExpression(scanner);
    else if (word === 'FLAGS') flags = parseExpression(scanner);
    else throw scanner.unexpected('`;`', 'a segment is `text PT_LOAD FLAGS(5);`');
  }
  return { name, at, type, fileHeader, programHeaders, loadAddress, flags };
}

function segmentType(scanner: Scanner): Region['origin'] {
  scanner.skip();
  const start = scanner.at;
  const type = parseExpression(scanner);
  if (type.kind !== 'symbol') return type;
  const value = Object.hasOwn(segmentTypeNumbers, type.name) ? segmentTypeNumbers[type.name] : undefined;
  if (value !== undefined) return { kind: 'number', value };
  const hint = didYouMean(type.name, Object.keys(segmentTypeNumbers));
  throw new Mistake(`\`${type.name}\` is not a type of segment`, start, scanner.at, hint);
}

/** `REGION_ALIAS("REGION_TEXT", FLASH)` */
export function parseAlias(scanner: Scanner): RegionAlias {
  scanner.expect('(', 'after REGION_ALIAS');
  const name = scanner.symbol();
  if (name === undefined) throw scanner.unexpected('the new name');
  scanner.expect(',', 'between the names');
  scanner.skip();
  const start = scanner.at;
  const text = scanner.symbol();
  if (text === undefined) throw scanner.unexpected('the name of a memory region');
  const at = scanner.span(start, scanner.at);
  scanner.expect(')', 'to close `REGION_ALIAS(`');
  return { name, region: { text, at } };
}
