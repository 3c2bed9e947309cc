/** Evaluates location expressions. DWARF 5, §2.5 and §2.6. */
import { operations } from '../dwarf.ts';
import { indexedAddress } from './entries.ts';
import { Reader } from './reader.ts';
import { bytesOf, type ReadMemory, type Registers, readUnsigned } from './target.ts';
import type { Unit } from './units.ts';

/** Where a value is, or what it is. */
export type Place =
  | { readonly kind: 'memory'; readonly address: bigint }
  | { readonly kind: 'register'; readonly register: number }
  | { readonly kind: 'value'; readonly bytes: Uint8Array }
  | { readonly kind: 'pieces'; readonly pieces: readonly Piece[] };

/** Undefined: this part is optimized away. */
export interface Piece {
  readonly size: number;
  readonly place: Exclude<Place, { readonly kind: 'pieces' }> | undefined;
}

export interface Context {
  readonly unit?: Unit;
  readonly registers: Registers;
  readonly read: ReadMemory;
  readonly cfa: bigint | undefined;
  /** Of the function; an expression of its own. */
  readonly frameBase?: Uint8Array | undefined;
}

interface Run {
  readonly context: Context;
  readonly reader: Reader;
  readonly stack: bigint[];
  /** What the expression says beside an address on the stack. */
  place: Exclude<Place, { readonly kind: 'pieces' }> | undefined;
  readonly pieces: Piece[];
  depth: number;
}

class Unknown extends Error {}

const unknown = (): never => {
  throw new Unknown('not known');
};

const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);
const signed = (value: bigint): bigint => BigInt.asIntN(64, value);

const registerValue = ({ context }: Run, register: number): bigint => context.registers[register] ?? unknown();

const pop = ({ stack }: Run): bigint => stack.pop() ?? unknown();

function frameBase(run: Run): bigint {
  const { frameBase: bytes } = run.context;
  if (bytes === undefined || run.depth > 2) return unknown();
  const place = evaluate(bytes, { ...run.context, frameBase: undefined }, run.depth + 1);
  if (place?.kind === 'memory') return place.address;
  return place?.kind === 'register' ? registerValue(run, place.register) : unknown();
}

type Binary = (a: bigint, b: bigint) => bigint;

/** §2.5.1.4: the entry below the top is the left one. */
const binary: Readonly<Record<number, Binary>> = {
  26: (a, b) => a & b,
  27: (a, b) => (b === 0n ? unknown() : signed(a) / signed(b)),
  28: (a, b) => a - b,
  29: (a, b) => (b === 0n ? unknown() : a % b),
  30: (a, b) => a * b,
  33: (a, b) => a | b,
  34: (a, b) => a + b,
  36: (a, b) => (b > 63n ? 0n : a << b),
  37: (a, b) => (b > 63n ? 0n : a >> b),
  38: (a, b) => signed(a) >> (b > 63n ? 63n : b),
  39: (a, b) => a ^ b,
  41: (a, b) => (a === b ? 1n : 0n),
  42: (a, b) => (signed(a) >= signed(b) ? 1n : 0n),
  43: (a, b) => (signed(a) > signed(b) ? 1n : 0n),
  44: (a, b) => (signed(a) <= signed(b) ? 1n : 0n),
  45: (a, b) => (signed(a) < signed(b) ? 1n : 0n),
  46: (a, b) => (a !== b ? 1n : 0n),
};

const unary: Readonly<Record<number, (a: bigint) => bigint>> = {
  25: (a) => (signed(a) < 0n ? -a : a),
  31: (a) => -a,
  32: (a) => ~a,
};

/** Numbers in the expression: what is pushed. */
const literals: Readonly<Record<number, (reader: Reader) => bigint>> = {
  8: (reader) => BigInt(reader.u8()),
  9: (reader) => BigInt(reader.i8()),
  10: (reader) => BigInt(reader.u16()),
  11: (reader) => BigInt((reader.u16() << 16) >> 16),
  12: (reader) => BigInt(reader.u32()),
  13: (reader) => BigInt(reader.u32() | 0),
  14: (reader) => reader.u64(),
  15: (reader) => reader.u64(),
  16: (reader) => reader.leb(),
  17: (reader) => reader.signedLeb(),
  [operations.address]: (reader) => reader.u64(),
};

function dereference(run: Run, size: number): bigint {
  return readUnsigned(run.context.read, pop(run), size) ?? unknown();
}

/** Operations on the order of the stack. */
function shuffle(run: Run, operation: number): boolean {
  const { stack } = run;
  const top = stack.length - 1;
  switch (operation) {
    case 18:
      stack.push(stack[top] ?? unknown());
      return true;
    case 19:
      pop(run);
      return true;
    case 20:
      stack.push(stack[top - 1] ?? unknown());
      return true;
    case 21:
      stack.push(stack[top - run.reader.u8()] ?? unknown());
      return true;
    case 22: {
      const [a, b] = [pop(run), pop(run)];
      stack.push(a, b);
      return true;
    }
    default:
      return false;
  }
}

function arithmetic(run: Run, operation: number): boolean {
  const { stack, reader } = run;
  const literal = literals[operation];
  const two = binary[operation];
  const one = unary[operation];
  if (literal !== undefined) stack.push(wrap(literal(reader)));
  else if (two !== undefined) {
    const right = pop(run);
    stack.push(wrap(two(pop(run), right)));
  } else if (one !== undefined) stack.push(wrap(one(pop(run))));
  else if (operation === operations.plusUnsigned) stack.push(wrap(pop(run) + reader.leb()));
  else if (operation === operations.dereference) stack.push(dereference(run, 8));
  else if (operation === 0x94) stack.push(dereference(run, Math.min(reader.u8(), 8)));
  else return shuffle(run, operation);
  return true;
}

/** 47 and 40: `skip` and `bra`. */
function jump(run: Run, operation: number): void {
  const by = (run.reader.u16() << 16) >> 16;
  if (operation === 47 || pop(run) !== 0n) run.reader.at += by;
}

function addressing(run: Run, operation: number): boolean {
  const { stack, reader, context } = run;
  if (operation >= operations.literal0 && operation < operations.register0) {
    stack.push(BigInt(operation - operations.literal0));
  } else if (operation >= operations.register0 && operation < operations.base0) {
    run.place = { kind: 'register', register: operation - operations.register0 };
  } else if (operation >= operations.base0 && operation < operations.registerX) {
    stack.push(wrap(registerValue(run, operation - operations.base0) + reader.signedLeb()));
  } else if (operation === operations.registerX) run.place = { kind: 'register', register: reader.small() };
  else if (operation === operations.frameBase) stack.push(wrap(frameBase(run) + reader.signedLeb()));
  else if (operation === operations.baseX) {
    const register = reader.small();
    stack.push(wrap(registerValue(run, register) + reader.signedLeb()));
  } else if (operation === operations.callFrame) stack.push(context.cfa ?? unknown());
  else if (operation === 0xa1 || operation === 0xa2) {
    stack.push(context.unit === undefined ? unknown() : indexedAddress(context.unit, reader.small()));
  } else return false;
  return true;
}

/** What has been said since the last piece. */
function placeOf({ place, stack }: Run): Exclude<Place, { readonly kind: 'pieces' }> | undefined {
  if (place !== undefined) return place;
  const address = stack.at(-1);
  return address === undefined ? undefined : { kind: 'memory', address };
}

function step(run: Run, operation: number): void {
  const { reader } = run;
  if (operation === operations.piece) {
    run.pieces.push({ size: reader.small(), place: placeOf(run) });
    run.place = undefined;
    run.stack.length = 0;
  } else if (operation === operations.stackValue) run.place = { kind: 'value', bytes: bytesOf(pop(run), 8) };
  else if (operation === operations.implicit) run.place = { kind: 'value', bytes: reader.block(reader.small()) };
  else if (operation === 40 || operation === 47) jump(run, operation);
  // 0x96: no operation. Others (values at the entry, of threads, with types) are not known here.
  else if (operation !== 0x96 && !arithmetic(run, operation) && !addressing(run, operation)) unknown();
}

const mostSteps = 2000;

/** Undefined if there is no such place, or what it depends on is lost. Throws nothing. */
export function evaluate(bytes: Uint8Array, context: Context, depth = 0): Place | undefined {
  const run: Run = { context, reader: new Reader(bytes), stack: [], place: undefined, pieces: [], depth };
  try {
    for (let steps = 0; !run.reader.done && steps < mostSteps; steps++) step(run, run.reader.u8());
  } catch (thrown) {
    if (thrown instanceof Unknown) return undefined;
    throw thrown;
  }
  return run.pieces.length > 0 ? { kind: 'pieces', pieces: run.pieces } : placeOf(run);
}
