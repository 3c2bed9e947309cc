/**
 * The code of a wasm function as text, for people: the text format's flat form, a line per instruction, indented by
 * nesting. WebAssembly Core Specification 2.0 §6.5. Alignment is only a hint and not shown.
 */
import { op, type ValueType, valueTypes } from './code.ts';

/** By index; what has no name is shown by its index. */
export interface Names {
  readonly locals?: readonly string[];
  readonly functions?: readonly string[];
}

/** The instructions of a function whose locals are known elsewhere. Bytes that are no code end the text with a comment. */
export function codeText({ bytes }: { readonly bytes: ArrayLike<number> }, names: Names = {}): string[] {
  return new Printer(new Reader(bytes), names).print();
}

/** The same for a body as a module's code section holds it, without its size: with the locals that it declares (§5.5.13). */
export function bodyText(bytes: ArrayLike<number>, parameters: number, names: Names = {}): string[] {
  const reader = new Reader(bytes);
  try {
    return [...localLines(reader, parameters, names), ...new Printer(reader, names).print()];
  } catch (error) {
    return [commentOn(error)];
  }
}

/** The bytes are not the code of a function; the message says why. */
class NoCode extends Error {}

function commentOn(error: unknown): string {
  if (error instanceof NoCode) return `;; ${error.message}`;
  throw error;
}

class Reader {
  private readonly bytes: ArrayLike<number>;
  private at = 0;

  constructor(bytes: ArrayLike<number>) {
    this.bytes = bytes;
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new NoCode('the code ends in the midst of an instruction');
    return byte;
  }

  signed(bits: 32 | 33 | 64): bigint {
    const { value, width } = this.leb(bits);
    return BigInt.asIntN(Math.min(bits, width), value);
  }

  unsigned(): number {
    return Number(BigInt.asUintN(32, this.leb(32).value));
  }

  list(): number[] {
    const items: number[] = [];
    for (let count = this.unsigned(); count > 0; count--) items.push(this.unsigned());
    return items;
  }

  /** Little-endian bits of a float. */
  bits(bytes: 4 | 8): bigint {
    let value = 0n;
    for (let index = 0; index < bytes; index++) value |= BigInt(this.byte()) << BigInt(8 * index);
    return value;
  }

  /** §5.2.2: seven bits a byte, the lowest first. */
  private leb(bits: number): { readonly value: bigint; readonly width: number } {
    let value = 0n;
    for (let width = 0; width < bits; ) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << BigInt(width);
      width += 7;
      if (byte < 0x80) return { value, width };
    }
    throw new NoCode(`a number is longer than ${bits} bits`);
  }
}

const typeNames = new Map(Object.entries(valueTypes).map(([name, code]) => [code, name as ValueType]));

function typeName(code: number): ValueType {
  const name = typeNames.get(code);
  if (name === undefined) throw new NoCode(`0x${code.toString(16)} is no type of a value`);
  return name;
}

/** Engines take no more. WebAssembly JavaScript Interface §9. */
const mostLocals = 50_000;

function localLines(reader: Reader, parameters: number, { locals = [] }: Names): string[] {
  const lines: string[] = [];
  for (let groups = reader.unsigned(); groups > 0; groups--) {
    const count = reader.unsigned();
    const type = typeName(reader.byte());
    if (lines.length + count > mostLocals) throw new NoCode(`there are more than ${mostLocals} locals`);
    for (let index = 0; index < count; index++) {
      const name = locals[parameters + lines.length];
      lines.push(`(local ${name === undefined ? '' : `$${name} `}${type})`);
    }
  }
  return lines;
}

/** `i64Load8S` is `i64.load8_s`. */
function textName(name: string): string {
  const [, type, rest] = /^([if]\d\d)([A-Z].*)$/.exec(name) ?? [];
  if (type === undefined || rest === undefined) return name;
  const snake = rest.replace(/[A-Z]/g, (letter, at) => `${at > 0 ? '_' : ''}${letter.toLowerCase()}`);
  return `${type}.${snake}`;
}

/** Opcodes without operands, and those of memory accesses: what `Code.op` and `Code.memory` are given. */
const plainNames = new Map(Object.entries(op).map(([name, code]) => [code as number, textName(name)]));
const accessesMemory = (name: string): boolean => /\.(load|store)/.test(name);

const nanOf = {
  f32: { sign: 1n << 31n, payload: (1n << 23n) - 1n, quiet: 1n << 22n },
  f64: { sign: 1n << 63n, payload: (1n << 52n) - 1n, quiet: 1n << 51n },
} as const;

/** §6.3.2: NaNs with a payload other than the usual one show it. */
function floatText(type: 'f32' | 'f64', bits: bigint): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, type === 'f32' ? bits << 32n : bits);
  const value = type === 'f32' ? view.getFloat32(0) : view.getFloat64(0);
  if (Object.is(value, -0)) return '-0';
  if (Number.isFinite(value)) return String(value);
  const { sign, payload, quiet } = nanOf[type];
  const minus = (bits & sign) === 0n ? '' : '-';
  if (!Number.isNaN(value)) return `${minus}inf`;
  const held = bits & payload;
  return held === quiet ? `${minus}nan` : `${minus}nan:0x${held.toString(16)}`;
}

class Printer {
  private readonly reader: Reader;
  private readonly lines: string[] = [];
  /** Of the blocks around, outermost first. */
  private readonly labels: string[] = [];
  private blocks = 0;
  /** By opcode: what stands on the line of those that have operands of their own, or open or close a block. */
  private readonly structured: ReadonlyMap<number, () => void>;

  constructor(reader: Reader, { locals, functions }: Names) {
    this.reader = reader;
    this.structured = new Map([
      [0x02, () => this.open('block')],
      [0x03, () => this.open('loop')],
      [0x04, () => this.open('if')],
      [0x05, () => this.line('else', -1)],
      [0x0b, () => this.close()],
      [0x0c, () => this.line(`br ${this.label()}`)],
      [0x0d, () => this.line(`br_if ${this.label()}`)],
      [0x0e, () => this.line(['br_table', ...reader.list().map((depth) => this.label(depth)), this.label()].join(' '))],
      [0x10, () => this.line(`call ${this.named(functions)}`)],
      [0x11, () => this.line(`call_indirect ${this.signature()}`)],
      [0x12, () => this.line(`return_call ${this.named(functions)}`)],
      [0x13, () => this.line(`return_call_indirect ${this.signature()}`)],
      [0x1c, () => this.line(`select (result ${reader.list().map(typeName).join(' ')})`)],
      [0x20, () => this.line(`local.get ${this.named(locals)}`)],
      [0x21, () => this.line(`local.set ${this.named(locals)}`)],
      [0x22, () => this.line(`local.tee ${this.named(locals)}`)],
      [0x23, () => this.line(`global.get ${reader.unsigned()}`)],
      [0x24, () => this.line(`global.set ${reader.unsigned()}`)],
      [0x41, () => this.line(`i32.const ${reader.signed(32)}`)],
      [0x42, () => this.line(`i64.const ${reader.signed(64)}`)],
      [0x43, () => this.line(`f32.const ${floatText('f32', reader.bits(4))}`)],
      [0x44, () => this.line(`f64.const ${floatText('f64', reader.bits(8))}`)],
    ]);
  }

  print(): string[] {
    try {
      while (!this.reader.done) this.instruction(this.reader.byte());
    } catch (error) {
      this.line(commentOn(error));
    }
    return this.lines;
  }

  private instruction(opcode: number): void {
    const structured = this.structured.get(opcode);
    const name = plainNames.get(opcode);
    if (structured !== undefined) structured();
    else if (name === undefined) throw new NoCode(`opcode 0x${opcode.toString(16)} is not one that is written here`);
    else this.line(accessesMemory(name) ? `${name}${this.offset()}` : name);
  }

  private line(text: string, deeper = 0): void {
    this.lines.push('  '.repeat(Math.max(0, this.labels.length + deeper)) + text);
  }

  private open(name: string): void {
    const label = `$${++this.blocks}`;
    this.line(`${name} ${label}${this.blockType()}`);
    this.labels.push(label);
  }

  /** The last `end` is the function's own, which the text has no line for. */
  private close(): void {
    if (this.labels.pop() !== undefined) this.line('end');
    else if (!this.reader.done) throw new NoCode('there are bytes behind the end of the code');
  }

  /** A block without a result is encoded as one of type −64, a value type as its code below zero, too (§5.4.1). */
  private blockType(): string {
    const type = Number(this.reader.signed(33));
    if (type === -64) return '';
    return type < 0 ? ` (result ${typeName(type + 128)})` : ` (type ${type})`;
  }

  /** The function's own block has no label: a branch to it says how far out that is. */
  private label(depth = this.reader.unsigned()): string {
    return this.labels.at(-1 - depth) ?? String(depth);
  }

  private named(names: readonly string[] = []): string {
    const index = this.reader.unsigned();
    const name = names[index];
    return name === undefined ? String(index) : `$${name}`;
  }

  private signature(): string {
    const type = this.reader.unsigned();
    const table = this.reader.unsigned();
    return `${table === 0 ? '' : `${table} `}(type ${type})`;
  }

  private offset(): string {
    this.reader.unsigned();
    const offset = this.reader.unsigned();
    return offset === 0 ? '' : ` offset=${offset}`;
  }
}
