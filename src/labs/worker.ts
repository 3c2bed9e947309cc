/** The runtime in a Web Worker. The first message brings the lesson; all others are requests, or tell what was shown. */
import type { EventKind } from '../engine/events.ts';
import type { Inspection } from '../engine/inspection.ts';
import type { Lesson } from './lesson.ts';
import { LabRuntime, type Message } from './runtime.ts';
import type { Request } from './session.ts';

export type ToWorker =
  | { readonly kind: 'open'; readonly lesson: Lesson; readonly listens: readonly EventKind[] }
  | { readonly kind: 'shown'; readonly amount: number }
  | { readonly kind: 'inspect'; readonly id: number; readonly question: Inspection }
  | Request;

let runtime: LabRuntime | undefined;

/** A message to itself comes back after the messages that already wait: a pause is heard between two slices. */
const channel = new MessageChannel();
let next: () => void = () => {};
channel.port1.onmessage = () => next();

function send(message: Message): void {
  const transfer = message.kind === 'events' ? [message.batch.words.buffer as ArrayBuffer] : [];
  self.postMessage(message, { transfer });
}

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'open') {
    runtime = new LabRuntime(
      data.lesson,
      {
        send,
        soon: (task) => {
          next = task;
          channel.port2.postMessage(undefined);
        },
        now: () => performance.now(),
      },
      data.listens,
    );
    return;
  }
  if (data.kind === 'shown') runtime?.shown(data.amount);
  else if (data.kind === 'inspect') runtime?.inspect(data.id, data.question);
  else runtime?.handle(data).catch(breakDown);
};

/** A promise that fails is no error of a worker's: thrown again from a task, the page hears of it. */
function breakDown(error: unknown): void {
  setTimeout(() => {
    throw error;
  });
}
