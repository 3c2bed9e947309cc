/** What came into a machine or a rack from outside, and at which point of its run. */
import type { Timeline } from './timeline.ts';
import type { Mark } from './types.ts';

/** Whatever the snapshots are. */
type Run = Pick<Timeline, 'position' | 'mark' | 'settleTo' | 'input'>;

interface Input {
  readonly mark: Mark;
  readonly bytes: Uint8Array;
  readonly slot: number | undefined;
  readonly machine: number | undefined;
}

export class InputLog {
  /** How many inputs there have been, up to where the run is. */
  delivered = 0;
  private inputs: Input[] = [];

  /** The position of the next one; Infinity for none. */
  get next(): number {
    return this.inputs[this.delivered]?.mark.position ?? Number.POSITIVE_INFINITY;
  }

  /** How many came before a position. */
  before(position: number): number {
    return this.inputs.filter(({ mark }) => mark.position < position).length;
  }

  /** Repeats those of the present position, each between the same two changes as before. */
  deliverTo(run: Run): void {
    while (this.next === run.position) {
      const input = this.inputs[this.delivered++];
      if (input === undefined) return;
      run.settleTo(input.mark);
      run.input(input.bytes, input.slot, input.machine);
    }
  }

  add(run: Run, bytes: Uint8Array, slot?: number, machine?: number): void {
    this.inputs.push({ mark: run.mark, bytes: bytes.slice(), slot, machine });
    this.delivered++;
    run.input(bytes, slot, machine);
  }

  forgetFuture(): void {
    this.inputs = this.inputs.slice(0, this.delivered);
  }
}
