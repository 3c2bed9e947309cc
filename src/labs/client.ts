/** The page's side of the worker. */
import type { EventKind } from '../engine/events.ts';
import type { Inspection } from '../engine/inspection.ts';
import type { Lesson } from './lesson.ts';
import type { Message } from './runtime.ts';
import type { Request } from './session.ts';

export interface LabClient {
  request(request: Request): void;
  /** Tells that words of events or bytes of output were shown; until then the machine may wait. */
  shown(amount: number): void;
  /** The answer comes as a message with this id. */
  inspect(id: number, question: Inspection): void;
  close(): void;
}

export function openLab(
  lesson: Lesson,
  listens: readonly EventKind[],
  onMessage: (message: Message) => void,
  onCrash: (reason: string) => void,
): LabClient {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }: MessageEvent<Message>) => onMessage(data);
  worker.onerror = (event) => onCrash(event.message || 'The machine’s worker could not be started.');
  worker.postMessage({ kind: 'open', lesson, listens });
  return {
    request: (request) => worker.postMessage(request),
    shown: (amount) => worker.postMessage({ kind: 'shown', amount }),
    inspect: (id, question) => worker.postMessage({ kind: 'inspect', id, question }),
    close: () => worker.terminate(),
  };
}
