/** What came into a machine from outside, and at which point of its run. */
import type { Machine, Mark } from './types.ts';

interface Input {
  readonly mark: Mark;
  readonly bytes: Uint8Array;
}

export class InputLog {
  /** How many inputs the machine has had. */
  delivered = 0;
  private inputs: readonly Input[] = [];

  /** The position of the next one; Infinity for none. */
  get next(): number {
    return this.inputs[this.delivered]?.mark.position ?? Number.POSITIVE_INFINITY;
  }

  /** How many came before a position. */
  before(position: number): number {
    return this.inputs.filter(({ mark }) => mark.position < position).length;
  }

  /** Repeats those of the machine's position, each between the same two changes of the machine as before. */
  deliverTo(machine: Machine): void {
    while (this.next === machine.position) {
      const input = this.inputs[this.delivered++];
      if (input === undefined) return;
      machine.settleTo(input.mark);
      machine.input(input.bytes);
    }
  }

  add(machine: Machine, bytes: Uint8Array): void {
    this.inputs = [...this.inputs, { mark: machine.mark, bytes: bytes.slice() }];
    this.delivered++;
    machine.input(bytes);
  }

  forgetFuture(): void {
    this.inputs = this.inputs.slice(0, this.delivered);
  }
}
