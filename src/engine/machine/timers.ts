/** The supervisor's timers: `stimecmp`, and `vstimecmp` in the guest's own time. The Sstc extension. */
import type { ClintWires } from './devices/clint.ts';
import { at, type Hart, two32 } from './hart.ts';
import { environment } from './status.ts';

const never = Number.POSITIVE_INFINITY;

export class Timers {
  private readonly hart: Hart;
  private readonly clint: ClintWires;
  /** In ticks of `mtime`; `never` where the timer is off. */
  private supervisorTicks = never;
  private guestTicks = never;

  constructor(hart: Hart, clint: ClintWires) {
    this.hart = hart;
    this.clint = clint;
  }

  /** To be called when one of `stimecmp`, `vstimecmp`, `htimedelta`, `menvcfg` and `henvcfg` has changed. */
  update(): void {
    const { hart } = this;
    const guestOn = (hart.get(at.henvcfg + 4) & hart.get(at.menvcfg + 4) & environment.STCE) !== 0;
    const delta = (hart.get(at.htimedelta + 4) | 0) * two32 + hart.get(at.htimedelta);
    this.supervisorTicks = this.supervisorOn ? ticksAt(hart, at.stimecmp) : never;
    this.guestTicks = guestOn ? ticksAt(hart, at.vstimecmp) - delta : never;
  }

  /** `stimecmp` exists, and STIP is its alone. */
  get supervisorOn(): boolean {
    return (this.hart.get(at.menvcfg + 4) & environment.STCE) !== 0;
  }

  /** `time`: the hart's, in ticks. */
  supervisorDue(time: number): boolean {
    return time >= this.supervisorTicks;
  }

  guestDue(time: number): boolean {
    return time >= this.guestTicks;
  }

  /** The next cycle at which a timer that is not due yet will be. */
  deadlineAfter(cycle: number): number {
    if (this.supervisorTicks === never && this.guestTicks === never) return never;
    const time = this.clint.timeAt(cycle);
    const supervisor = this.supervisorTicks > time ? this.supervisorTicks : never;
    const guest = this.guestTicks > time ? this.guestTicks : never;
    return this.clint.cycleAt(Math.min(supervisor, guest));
  }

  /** Puts what `time` reads into the hart's `value`; in a guest with `htimedelta` added. */
  load(virtual: boolean): void {
    const { hart } = this;
    const low = virtual ? hart.get(at.htimedelta) : 0;
    const high = virtual ? hart.get(at.htimedelta + 4) : 0;
    hart.setSum(at.value, this.clint.timeAt(hart.cycle), low, high);
  }
}

const ticksAt = (hart: Hart, offset: number): number => hart.get(offset + 4) * two32 + hart.get(offset);
