/** A process of our own that measures: asked by messages, so that it stays warm between two questions. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const mostMilliseconds = 120_000;

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

export class Child<Question extends object, Value> {
  private readonly process: ChildProcess;

  /** `file`: beside this one. */
  constructor(file: string, flags: readonly string[] = []) {
    const path = fileURLToPath(new URL(file, import.meta.url));
    this.process = fork(path, { execArgv: [...process.execArgv, '--disable-warning=ExperimentalWarning', ...flags] });
  }

  /** One question at a time. Throws an `Error` with what went wrong there. */
  async ask(question: Question): Promise<Value> {
    const answer = await new Promise<Answer<Value>>((resolve) => {
      const late = setTimeout(() => settle({ ok: false, message: 'it took too long' }), mostMilliseconds);
      const ended = (code: number | null): void => settle({ ok: false, message: `its process ended with ${code}` });
      const settle = (value: Answer<Value>): void => {
        clearTimeout(late);
        this.process.removeListener('message', settle);
        this.process.removeListener('exit', ended);
        resolve(value);
      };
      this.process.once('message', settle);
      this.process.once('exit', ended);
      this.process.send(question);
    });
    if (answer.ok) return answer.value;
    this.close();
    throw new Error(answer.message);
  }

  close(): void {
    this.process.kill('SIGKILL');
  }
}

/** The other end: answers each question by `work`. */
export function answerQuestions<Question, Value>(work: (question: Question) => Promise<Value>): void {
  process.on('message', (question: Question) => {
    work(question).then(
      (value) => process.send?.({ ok: true, value } satisfies Answer<Value>),
      (error: unknown) => process.send?.({ ok: false, message: String(error) } satisfies Answer<Value>),
    );
  });
}
