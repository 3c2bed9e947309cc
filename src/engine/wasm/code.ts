/** Builds the body of one wasm function. WebAssembly Core Specification 2.0 §5.4. */

export const op = {
  unreachable: 0x00,
  return: 0x0f,
  drop: 0x1a,
  select: 0x1b,
  i32Load: 0x28,
  i64Load: 0x29,
  f64Load: 0x2b,
  i32Load8S: 0x2c,
  i32Load8U: 0x2d,
  i64Load8S: 0x30,
  i64Load8U: 0x31,
  i64Load16S: 0x32,
  i64Load16U: 0x33,
  i64Load32S: 0x34,
  i64Load32U: 0x35,
  i32Store: 0x36,
  i64Store: 0x37,
  f64Store: 0x39,
  i64Store8: 0x3c,
  i64Store16: 0x3d,
  i64Store32: 0x3e,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i32LtU: 0x49,
  i32GtU: 0x4b,
  i32LtS: 0x48,
  i32LeS: 0x4c,
  i32LeU: 0x4d,
  i64Eqz: 0x50,
  i64Eq: 0x51,
  i64Ne: 0x52,
  i64LtS: 0x53,
  i64LtU: 0x54,
  i64GtU: 0x56,
  i64LeU: 0x58,
  i64GeS: 0x59,
  i64GeU: 0x5a,
  f32Eq: 0x5b,
  f32Lt: 0x5d,
  f32Gt: 0x5e,
  f32Le: 0x5f,
  f64Eq: 0x61,
  f64Lt: 0x63,
  f64Gt: 0x64,
  f64Le: 0x65,
  f64Ge: 0x66,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32And: 0x71,
  i32Or: 0x72,
  i32Shl: 0x74,
  i32ShrS: 0x75,
  i32ShrU: 0x76,
  i64Clz: 0x79,
  i64Ctz: 0x7a,
  i64Popcnt: 0x7b,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64DivS: 0x7f,
  i64DivU: 0x80,
  i64RemS: 0x81,
  i64RemU: 0x82,
  i64And: 0x83,
  i64Or: 0x84,
  i64Xor: 0x85,
  i64Shl: 0x86,
  i64ShrS: 0x87,
  i64ShrU: 0x88,
  i64Rotl: 0x89,
  i64Rotr: 0x8a,
  f32Abs: 0x8b,
  f32Sqrt: 0x91,
  f32Add: 0x92,
  f32Sub: 0x93,
  f32Mul: 0x94,
  f32Div: 0x95,
  f32Min: 0x96,
  f32Max: 0x97,
  f64Abs: 0x99,
  f64Trunc: 0x9d,
  f64Sqrt: 0x9f,
  f64Add: 0xa0,
  f64Sub: 0xa1,
  f64Mul: 0xa2,
  f64Div: 0xa3,
  f64Min: 0xa4,
  f64Max: 0xa5,
  i32WrapI64: 0xa7,
  i64ExtendI32S: 0xac,
  i64ExtendI32U: 0xad,
  i32TruncF64S: 0xaa,
  i64TruncF64S: 0xb0,
  i64TruncF64U: 0xb1,
  f32ConvertI64S: 0xb4,
  f32ConvertI64U: 0xb5,
  f32DemoteF64: 0xb6,
  f64ConvertI32S: 0xb7,
  f64ConvertI64S: 0xb9,
  f64ConvertI64U: 0xba,
  f64PromoteF32: 0xbb,
  i32ReinterpretF32: 0xbc,
  i64ReinterpretF64: 0xbd,
  f32ReinterpretI32: 0xbe,
  f64ReinterpretI64: 0xbf,
  i64Extend8S: 0xc2,
  i64Extend16S: 0xc3,
  i64Extend32S: 0xc4,
} as const;

/** A structured-control target: the nesting depth at which it was opened. */
export interface Label {
  readonly depth: number;
}

export type FloatType = 'f32' | 'f64';
export type ValueType = 'i32' | 'i64' | FloatType;
export const valueTypes: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };

export function unsignedLeb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}

export function signedLeb(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    if ((rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)) {
      bytes.push(low);
      return bytes;
    }
    bytes.push(low | 0x80);
  }
}

export class Code {
  readonly locals: ValueType[] = [];
  private readonly parameters: number;
  private depth = 0;
  private buffer = new Uint8Array(256);
  private length = 0;

  constructor(parameters: number) {
    this.parameters = parameters;
  }

  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  /** A new local; wasm starts it at zero. */
  local(type: ValueType): number {
    this.locals.push(type);
    return this.parameters + this.locals.length - 1;
  }

  op(...opcodes: readonly number[]): void {
    for (const opcode of opcodes) this.byte(opcode);
  }

  i32(value: number): void {
    this.byte(0x41);
    this.signed(value | 0);
  }

  i64(value: bigint): void {
    this.byte(0x42);
    const small = Number(BigInt.asIntN(32, value));
    if (BigInt(small) === BigInt.asIntN(64, value)) this.signed(small);
    else for (const byte of signedLeb(BigInt.asIntN(64, value))) this.byte(byte);
  }

  float(type: FloatType, value: number): void {
    const view = new DataView(new ArrayBuffer(type === 'f32' ? 4 : 8));
    if (type === 'f32') view.setFloat32(0, value, true);
    else view.setFloat64(0, value, true);
    this.byte(type === 'f32' ? 0x43 : 0x44);
    for (const byte of new Uint8Array(view.buffer)) this.byte(byte);
  }

  get(local: number): void {
    this.withIndex(0x20, local);
  }

  set(local: number): void {
    this.withIndex(0x21, local);
  }

  tee(local: number): void {
    this.withIndex(0x22, local);
  }

  call(functionIndex: number): void {
    this.withIndex(0x10, functionIndex);
  }

  /** Takes the function's index in the table off the stack, above its arguments. */
  callIndirect(typeIndex: number): void {
    this.withIndex(0x11, typeIndex);
    this.byte(0);
  }

  /** A load or store with a constant offset. No alignment is promised: guests misalign. */
  memory(opcode: number, offset = 0): void {
    this.byte(opcode);
    this.withIndex(0, offset);
  }

  /** `br label` inside leaves the block. */
  block(body: (label: Label) => void): void {
    this.nest(0x02, body);
  }

  /** `br label` inside starts the loop again. */
  loop(body: (label: Label) => void): void {
    this.nest(0x03, body);
  }

  /** Takes an i32 condition off the stack. Both arms leave a value of `result`, if one is named. */
  if(then: () => void, otherwise?: () => void, result?: ValueType): void {
    this.op(0x04, result === undefined ? 0x40 : valueTypes[result]);
    this.depth++;
    then();
    if (otherwise !== undefined) {
      this.byte(0x05);
      otherwise();
    }
    this.depth--;
    this.byte(0x0b);
  }

  br(label: Label): void {
    this.withIndex(0x0c, this.distance(label));
  }

  brIf(label: Label): void {
    this.withIndex(0x0d, this.distance(label));
  }

  brTable(labels: readonly Label[], otherwise: Label): void {
    this.withIndex(0x0e, labels.length);
    for (const label of labels) this.unsigned(this.distance(label));
    this.unsigned(this.distance(otherwise));
  }

  private nest(opcode: number, body: (label: Label) => void): void {
    this.op(opcode, 0x40);
    this.depth++;
    body({ depth: this.depth });
    this.depth--;
    this.byte(0x0b);
  }

  private withIndex(opcode: number, index: number): void {
    this.byte(opcode);
    this.unsigned(index);
  }

  private unsigned(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** A 32-bit integer. */
  private signed(value: number): void {
    let rest = value;
    while (rest < -64 || rest > 63) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.byte(rest & 0x7f);
  }

  private byte(value: number): void {
    if (this.length === this.buffer.length) {
      const larger = new Uint8Array(2 * this.length);
      larger.set(this.buffer);
      this.buffer = larger;
    }
    this.buffer[this.length++] = value;
  }

  private distance(label: Label): number {
    return this.depth - label.depth;
  }
}
