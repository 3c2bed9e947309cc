/**
 * Writes a device tree as a flattened one (DTB). Devicetree Specification 0.4 §5: big-endian; a header, the memory
 * reservations, a structure of tokens and a block of property names.
 */

export type PropertyValue =
  /** Present, and that is all. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'cells'; readonly cells: readonly number[] }
  /** Each ends with a zero byte. */
  | { readonly kind: 'strings'; readonly strings: readonly string[] }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

export interface TreeNode {
  /** `name` or `name@address`; empty for the root. */
  readonly name: string;
  readonly properties: Readonly<Record<string, PropertyValue>>;
  readonly children: readonly TreeNode[];
}

export const empty: PropertyValue = { kind: 'empty' };
/** 32-bit cells. */
export const cells = (...values: readonly number[]): PropertyValue => ({ kind: 'cells', cells: values });
export const strings = (...values: readonly string[]): PropertyValue => ({ kind: 'strings', strings: values });
export const bytesOf = (bytes: Uint8Array): PropertyValue => ({ kind: 'bytes', bytes });

const token = { beginNode: 1, endNode: 2, property: 3, end: 9 } as const;
const magic = 0xd00d_feed;
const version = 17;
const lastCompatible = 16;
const headerBytes = 40;
/** One entry of zeros: nothing is reserved. */
const reservationBytes = 16;

const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit;
const utf8 = new TextEncoder();
const terminated = (text: string): Uint8Array => utf8.encode(`${text}\0`);

class Output {
  private bytes = new Uint8Array(1024);
  length = 0;

  word(value: number): void {
    this.append(Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value));
  }

  append(more: Uint8Array): void {
    this.reserve(this.length + more.length);
    this.bytes.set(more, this.length);
    this.length += more.length;
  }

  align(unit: number): void {
    const length = roundUp(this.length, unit);
    this.reserve(length);
    this.length = length;
  }

  take(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private reserve(length: number): void {
    if (length <= this.bytes.length) return;
    const larger = new Uint8Array(2 * length);
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

/** Property names, each once. */
class Names {
  readonly output = new Output();
  private readonly offsets = new Map<string, number>();

  offsetOf(name: string): number {
    const known = this.offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.output.length;
    this.offsets.set(name, offset);
    this.output.append(terminated(name));
    return offset;
  }
}

function payload(value: PropertyValue): Uint8Array {
  const output = new Output();
  if (value.kind === 'cells') for (const cell of value.cells) output.word(cell);
  if (value.kind === 'strings') for (const text of value.strings) output.append(terminated(text));
  if (value.kind === 'bytes') output.append(value.bytes);
  return output.take();
}

function writeNode(node: TreeNode, structure: Output, names: Names): void {
  structure.word(token.beginNode);
  structure.append(terminated(node.name));
  structure.align(4);
  for (const [name, value] of Object.entries(node.properties)) {
    const bytes = payload(value);
    structure.word(token.property);
    structure.word(bytes.length);
    structure.word(names.offsetOf(name));
    structure.append(bytes);
    structure.align(4);
  }
  for (const child of node.children) writeNode(child, structure, names);
  structure.word(token.endNode);
}

export function flatten(root: TreeNode): Uint8Array {
  const structure = new Output();
  const names = new Names();
  writeNode(root, structure, names);
  structure.word(token.end);
  const structureAt = headerBytes + reservationBytes;
  const namesAt = structureAt + structure.length;
  const total = namesAt + names.output.length;
  const blob = new Output();
  const bootHart = 0;
  const offsets = [structureAt, namesAt, headerBytes];
  const sizes = [names.output.length, structure.length];
  for (const word of [magic, total, ...offsets, version, lastCompatible, bootHart, ...sizes]) blob.word(word);
  blob.append(new Uint8Array(reservationBytes));
  blob.append(structure.take());
  blob.append(names.output.take());
  return blob.take();
}
