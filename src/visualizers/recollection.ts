/** Answers about the state, beside those of the stop before, as far as both were asked for. */

interface Given<Answer> {
  readonly answer: Answer;
  readonly position: number;
}

export class Recollection<Answer> {
  private readonly latest = new Map<string, Given<Answer>>();
  private readonly earlier = new Map<string, Given<Answer>>();

  /** `position` is that of the state in which it was given; the same answer again says nothing new. */
  take(key: string, answer: Answer, position: number): void {
    const last = this.latest.get(key);
    if (last?.answer === answer) return;
    if (last !== undefined) this.earlier.set(key, last);
    this.latest.set(key, { answer, position });
  }

  /** What was answered at the stop before, if it was asked then. */
  before(key: string, position: number | undefined): Answer | undefined {
    const given = this.earlier.get(key);
    return given !== undefined && given.position === position ? given.answer : undefined;
  }
}
