/** Where emitted code finds the hart's state: at an address that is known, or where its caller says. */
import { type Code, op } from '../wasm/code.ts';

const parameter = 0;

export class HartAddress {
  private readonly code: Code;
  private readonly known: number | undefined;

  /** `known`: the address, if it is the same for all that call the code. */
  constructor(code: Code, known: number | undefined) {
    this.code = code;
    this.known = known;
  }

  /** Leaves the address, less `base`, which accesses add as their offset. */
  push(): void {
    if (this.known === undefined) this.code.get(parameter);
    else this.code.i32(0);
  }

  get base(): number {
    return this.known ?? 0;
  }

  /** Adds the address to an i32, less `base`. */
  add(): void {
    if (this.known !== undefined) return;
    this.code.get(parameter);
    this.code.op(op.i32Add);
  }

  load(opcode: number, offset: number): void {
    this.push();
    this.code.memory(opcode, this.base + offset);
  }

  store(opcode: number, offset: number, value: () => void): void {
    this.push();
    value();
    this.code.memory(opcode, this.base + offset);
  }
}
