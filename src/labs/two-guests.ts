/** The machine of the landing page: two guests above a trap handler that the visitor may edit; built and run as one. */
import type { EventKind } from '../engine/events.ts';
import { findSymbol, type Image } from '../engine/image.ts';
import { defaultBoard } from '../engine/machine/default-board.ts';
import { createInterpretedMachine } from '../engine/machine/interpreted-machine.ts';
import { assemble } from '../engine/toolchain/assemble.ts';
import { createReporter, type Diagnostic } from '../engine/toolchain/diagnostics.ts';
import { imageOf, link } from '../engine/toolchain/link.ts';

/** Texts by name, as in `content/guests/two-guests`. */
export type TwoGuestsTexts = Readonly<Record<'hypervisor.S' | 'handler.inc' | 'guests.S', string>>;

/** The run is cut off here: the guests would go on for ever. */
export const mostSteps = 40_000;

const kinds: readonly EventKind[] = ['trap', 'return', 'transmit'];

export type TwoGuestsRun =
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly ok: true;
      /** Event records of the whole run. */
      readonly words: Uint32Array;
      readonly steps: number;
      /** Why it ended before the cut; undefined if it did not. */
      readonly end: string | undefined;
      /** Where the second guest's code begins; the first one's lies below. */
      readonly second: bigint;
    };

export async function runTwoGuests(texts: TwoGuestsTexts): Promise<TwoGuestsRun> {
  const built = buildImage(texts);
  if (!built.ok) return built;
  const { image } = built;
  const machine = await createInterpretedMachine({ ...defaultBoard, ram: 2 ** 20 });
  machine.load(image);
  machine.listen(kinds);
  const parts: Uint32Array[] = [];
  let end: string | undefined;
  while (machine.position < mostSteps && end === undefined) {
    const stop = machine.run(mostSteps - machine.position);
    parts.push(machine.takeEvents().words);
    if (stop.kind !== 'limit') end = stop.kind;
  }
  const second = findSymbol(image, 'guest_b')?.address ?? 0n;
  return { ok: true, words: joined(parts), steps: machine.position, end, second };
}

/** Without the C compiler, which a visitor's browser need not load for this. */
function buildImage(
  texts: TwoGuestsTexts,
): { ok: true; image: Image } | { ok: false; diagnostics: readonly Diagnostic[] } {
  const reporter = createReporter();
  const files = new Map(Object.entries(texts));
  const objects = (['hypervisor.S', 'guests.S'] as const).map((name) =>
    assemble({ name, text: texts[name] }, files, {}, reporter),
  );
  const inputs = objects.flatMap((object) => (object === undefined ? [] : [{ kind: 'object' as const, object }]));
  const linked = link(inputs, {}, reporter);
  if (linked === undefined || reporter.failed) return { ok: false, diagnostics: reporter.diagnostics };
  return { ok: true, image: imageOf(linked) };
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  const words = new Uint32Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    words.set(part, at);
    at += part.length;
  }
  return words;
}
