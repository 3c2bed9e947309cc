/** A profile of a part of the run, by replay: where the machine was at evenly spaced steps, and who had called. */
import type { DebugInfo } from '../engine/debug/debug.ts';
import type { Profile, ProfileStack } from '../engine/inspection.ts';
import type { Activity, Recording } from './recording.ts';
import { callStack } from './source-level.ts';

/** Points of the run that are looked at; shorter parts are looked at step by step. */
const mostSamples = 2000;
/** Callers that are told apart. */
const deepest = 64;
/** Between two looks at whether something came in. */
const samplesAtOnce = 10;

/** Leaves the machine where it stood, also when it is dropped midway. */
export function* profiling(
  recording: Recording,
  debug: DebugInfo,
  { start, end }: Pick<Profile, 'start' | 'end'>,
  done: (profile: Profile) => void,
): Activity {
  const origin = recording.position;
  const first = Math.max(0, Math.min(start, recording.tip));
  const last = Math.max(first, Math.min(end, recording.tip));
  const interval = Math.max(1, (last - first) / mostSamples);
  const tally = new Tally();
  try {
    const samples = Math.round((last - first) / interval);
    for (let sample = 0; sample < samples; sample++) {
      yield* recording.seeking(Math.floor(first + (sample + spread(sample)) * interval));
      const { hart, mode } = recording.machine.core();
      tally.add(mode, callStack(recording.machine, debug, hart, deepest));
      if (sample % samplesAtOnce === 0) yield;
    }
    done({ start: first, end: last, samples: tally.samples, stacks: tally.stacks });
  } finally {
    recording.stand(origin);
  }
  return { kind: 'there' };
}

/** Where within its interval a point lies: never in step with a loop, and the same each time. */
const spread = (sample: number): number => (sample * goldenRatio) % 1;
const goldenRatio = 0.618_033_988_749_895;

class Tally {
  samples = 0;
  private readonly counts = new Map<string, ProfileStack>();

  add(mode: number, frames: readonly string[]): void {
    const key = `${mode} ${frames.join('\n')}`;
    const { count } = this.counts.get(key) ?? { count: 0 };
    this.counts.set(key, { mode, frames, count: count + 1 });
    this.samples++;
  }

  get stacks(): readonly ProfileStack[] {
    return [...this.counts.values()].sort((a, b) => b.count - a.count);
  }
}
