/** Questions of views about the state that is shown: each asked once, its answer kept until the machine has moved. */
import type { AnswerOf, Inspection, InspectionKind, InspectionOf } from '../engine/inspection.ts';

type Answer = AnswerOf<InspectionKind>;

const keyOf = (question: Inspection): string =>
  JSON.stringify(question, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));

export class Inspector {
  private readonly send: (id: number, question: Inspection) => void;
  private answers: ReadonlyMap<string, Answer> = $state.raw(new Map());
  /** Of the stop before: shown until new ones come, so that nothing flickers. */
  private stale: ReadonlyMap<string, Answer> = new Map();
  private readonly asked = new Map<string, number>();
  private readonly keys = new Map<number, string>();
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private next = 0;
  private open = false;

  constructor(send: (id: number, question: Inspection) => void) {
    this.send = send;
  }

  readonly inspect = <K extends InspectionKind>(question: InspectionOf<K>): AnswerOf<K> | undefined => {
    const key = keyOf(question as Inspection);
    const { answers } = this;
    if (answers.has(key)) return answers.get(key) as AnswerOf<K>;
    this.request(key, question as Inspection);
    return this.stale.get(key) as AnswerOf<K> | undefined;
  };

  /** The same for whoever does not draw: undefined where there is nothing to ask about. */
  async ask<K extends InspectionKind>(question: InspectionOf<K>): Promise<AnswerOf<K> | undefined> {
    if (!this.open) return undefined;
    const id = this.next++;
    this.send(id, question as Inspection);
    return new Promise((resolve) => this.waiting.set(id, (answer) => resolve(answer as AnswerOf<K>)));
  }

  hear(id: number, answer: Answer): void {
    this.waiting.get(id)?.(answer);
    this.waiting.delete(id);
    const key = this.keys.get(id);
    this.keys.delete(id);
    if (key !== undefined && this.asked.get(key) === id) this.answers = new Map(this.answers).set(key, answer);
  }

  /** The machine stands still: what was answered before is asked again by whoever still wants to know it. */
  stopped(): void {
    this.stale = this.answers;
    this.renew(true);
  }

  /** There is nothing to ask about. */
  close(): void {
    this.stale = new Map();
    this.renew(false);
  }

  private renew(open: boolean): void {
    this.open = open;
    this.asked.clear();
    this.answers = new Map();
  }

  private request(key: string, question: Inspection): void {
    if (!this.open || this.asked.has(key)) return;
    const id = this.next++;
    this.asked.set(key, id);
    this.keys.set(id, key);
    this.send(id, question);
  }
}
