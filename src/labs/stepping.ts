/**
 * Steps as a debugger has them, over a recording. What is a call and what a return is read from the instruction, as the
 * calling convention hints at it (Unprivileged Spec §2.5.1: ra and t0 are link registers), so that assembly without any
 * debug information can be stepped as well.
 */
import type { DebugInfo, Frame } from '../engine/debug/debug.ts';
import { type Image, type LineEntry, lineAt } from '../engine/image.ts';
import { type Manners, mannersOf } from '../engine/isa/manners.ts';
import { instructionAt } from './guest-code.ts';
import type { Activity, Halt, Recording } from './recording.ts';
import { framesOf } from './source-level.ts';

/**
 * `back` is one step of the machine. The others go by statements of C; of assembly `into` goes by instructions, and `over`
 * by lines.
 */
export type StepKind = 'into' | 'over' | 'out' | 'back';

const there: Halt = { kind: 'there' };
const stackPointer = 2;
/** Steps between two looks at whether something came in. */
const stepsAtOnce = 200;

export class Stepper {
  private readonly recording: Recording;
  private readonly image: Image;
  private readonly debug: DebugInfo;

  constructor(recording: Recording, image: Image, debug: DebugInfo) {
    this.recording = recording;
    this.image = image;
    this.debug = debug;
  }

  *step(kind: StepKind): Activity {
    if (kind === 'back') return yield* this.recording.seeking(this.recording.position - 1);
    if (kind === 'out') return yield* this.out();
    const move = (): Activity => (kind === 'into' ? this.into() : this.over());
    if (this.debug.functionAt(this.recording.machine.core().pc) !== undefined)
      return yield* this.toStatement(kind, move);
    return yield* kind === 'into' ? this.into() : this.toNextLine(move);
  }

  /** Until another statement of C begins, in this frame or in one that `into` goes to. */
  private *toStatement(kind: 'into' | 'over', move: () => Activity): Activity {
    const { debug } = this;
    const step = debug.beginStep(kind, this.frames());
    for (let count = 1; ; count++) {
      const halt = yield* move();
      if (halt.kind !== 'there') return halt;
      const { pc, register } = this.recording.machine.core();
      // Back in assembly that called: nothing is known of its frame but that this one is gone.
      const left = step.cfa !== undefined && register(stackPointer) >= step.cfa && debug.functionAt(pc) === undefined;
      const begins = debug.lineAt(pc)?.address === pc;
      if (left || (begins && debug.isStepDone(step, pc, this.frames()[0]?.cfa))) return halt;
      if (count % stepsAtOnce === 0) yield;
    }
  }

  private frames(): readonly Frame[] {
    const { recording, image, debug } = this;
    const { machine } = recording;
    return framesOf({ machine, image, debug, hart: machine.core().hart });
  }

  /** Until another line of assembly begins, as one may be several instructions; where no source is known, once. */
  private *toNextLine(move: () => Activity): Activity {
    const start = this.lineHere();
    for (let count = 1; ; count++) {
      const halt = yield* move();
      const here = this.lineHere();
      const same = start !== undefined && start.line === here?.line && start.file === here.file;
      if (halt.kind !== 'there' || !same) return halt;
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
    const [innermost, ...others] = this.frames();
    const outer = others.find(({ registers }) => registers !== innermost?.registers);
    const cfa = innermost?.cfa;
    // Of other code it is not known whether it was called or trapped into.
    if (outer === undefined || cfa === undefined || innermost?.certain !== true) return yield* this.outStepByStep();
    const { machine } = this.recording;
    return yield* this.recording.goingTo([outer.pc], () => machine.core().register(stackPointer) >= cfa);
  }

  /** Where nobody says what the stack is like. */
  private *outStepByStep(): Activity {
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
