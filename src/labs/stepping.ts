/**
 * Steps as a debugger has them, over a recording. What is a call and what a return is read from the instruction, as the
 * calling convention hints at it (Unprivileged Spec §2.5.1: ra and t0 are link registers), so that assembly without any
 * debug information can be stepped as well.
 */
import { type Image, type LineEntry, lineAt } from '../engine/image.ts';
import { instructionAt, type Manners, mannersOf } from './guest-code.ts';
import type { Activity, Halt, Recording } from './recording.ts';

/**
 * `back` is one step of the machine. The others go by lines of C; of assembly `into` goes by instructions, and `over` by
 * lines, as one line may be several of them.
 */
export type StepKind = 'into' | 'over' | 'out' | 'back';

const there: Halt = { kind: 'there' };
const stackPointer = 2;
/** Steps between two looks at whether something came in. */
const stepsAtOnce = 200;

export class Stepper {
  private readonly recording: Recording;
  private readonly image: Image;

  constructor(recording: Recording, image: Image) {
    this.recording = recording;
    this.image = image;
  }

  *step(kind: StepKind): Activity {
    switch (kind) {
      case 'back':
        return yield* this.recording.seeking(this.recording.position - 1);
      case 'into':
        return yield* this.toNextLine(
          () => this.into(),
          (file) => file.endsWith('.c'),
        );
      case 'over':
        return yield* this.toNextLine(
          () => this.over(),
          () => true,
        );
      case 'out':
        return yield* this.out();
    }
  }

  /** Until another line begins, of a file that is gone through by lines; elsewhere, and where no source is known, once. */
  private *toNextLine(move: () => Activity, byLines: (file: string) => boolean): Activity {
    const start = this.lineHere();
    for (let count = 1; ; count++) {
      const halt = yield* move();
      const here = this.lineHere();
      const same = start !== undefined && start.line === here?.line && start.file === here.file;
      if (halt.kind !== 'there' || !same || !byLines(start.file)) return halt;
      if (count % stepsAtOnce === 0) yield;
    }
  }

  private lineHere(): LineEntry | undefined {
    return lineAt(this.image, this.recording.machine.core().pc);
  }

  // biome-ignore lint/correctness/useYield: an activity that is done at once
  private *into(): Activity {
    const stop = this.recording.advance(1);
    return stop.kind === 'limit' ? there : stop;
  }

  /** One instruction, and what it calls or traps into. */
  private *over(): Activity {
    const { machine } = this.recording;
    const { hart, pc, mode, register } = machine.core();
    const outer = register(stackPointer);
    const { flow, length } = this.manners();
    const next = pc + BigInt(length);
    const stop = this.recording.advance(1);
    if (stop.kind !== 'limit') return stop;
    const now = machine.core(hart);
    const trapped = now.mode !== mode ? flow !== 'return' : flow === 'other' && now.pc !== next;
    if (!trapped && flow !== 'call') return there;
    const isBack = (): boolean => {
      const core = machine.core(hart);
      return core.mode === mode && (trapped || core.register(stackPointer) >= outer);
    };
    return yield* this.recording.goingTo(trapped ? [pc, next] : [next], isBack);
  }

  /** Behind the return of the function or the trap that the machine is in. */
  private *out(): Activity {
    for (let count = 1; ; count++) {
      const { flow } = this.manners();
      const halt = yield* flow === 'return' ? this.into() : this.over();
      if (halt.kind !== 'there' || flow === 'return') return halt;
      if (count % stepsAtOnce === 0) yield;
    }
  }

  private manners(): Manners {
    const { machine } = this.recording;
    const { hart, pc } = machine.core();
    return mannersOf(instructionAt(machine, pc, hart));
  }
}
