/**
 * Reads a linker script piece by piece. What a character means depends on the place: `*` multiplies in an expression and
 * is a wildcard in a file's name, so that the parser says which kind of word it wants.
 */
import { Mistake, type Span } from '../../diagnostics.ts';

/** A name of a file or section, with wildcards. An operator before `=` belongs to an assignment. */
const wildWord = /(?:[\w.$/\\~?[\]:!^@%]|[-+*/](?!=))+/y;
const symbolWord = /[A-Za-z_.$][\w.$]*/y;
const numberWord = /(?:0[xX][\da-fA-F]+|\d+)[kKmM]?/y;
const blanks = /(?:\s+|\/\*[\s\S]*?\*\/)*/y;

export class Scanner {
  readonly file: string;
  readonly text: string;
  at = 0;
  /** SIZEOF_HEADERS has been read. */
  usesHeaders = false;
  private readonly lineStarts: readonly number[];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    const starts = [0];
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.lineStarts = starts;
  }

  span(start: number, end: number): Span {
    let low = 0;
    let high = this.lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.lineStarts[middle] ?? 0) <= start) low = middle;
      else high = middle;
    }
    const lineStart = this.lineStarts[low] ?? 0;
    const lineEnd = (this.lineStarts[low + 1] ?? this.text.length + 1) - 1;
    const column = start - lineStart + 1;
    return {
      file: this.file,
      line: low + 1,
      column,
      endColumn: Math.max(Math.min(end, lineEnd) - lineStart + 1, column + 1),
    };
  }

  /** To the next character that means something. */
  skip(): void {
    blanks.lastIndex = this.at;
    blanks.exec(this.text);
    this.at = Math.max(this.at, blanks.lastIndex);
    if (this.text.startsWith('/*', this.at)) {
      const start = this.at;
      this.at = this.text.length;
      throw new Mistake('this comment is not closed', start, start + 2, 'write `*/` where it ends');
    }
  }

  get ended(): boolean {
    this.skip();
    return this.at >= this.text.length;
  }

  private match(pattern: RegExp): string | undefined {
    this.skip();
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  sees(mark: string): boolean {
    this.skip();
    return this.text.startsWith(mark, this.at);
  }

  accept(mark: string): boolean {
    if (!this.sees(mark)) return false;
    this.at += mark.length;
    return true;
  }

  expect(mark: string, where: string, hint?: string): void {
    if (!this.accept(mark)) throw this.unexpected(`\`${mark}\` ${where}`, hint);
  }

  /** A quoted text, without its quotes. */
  quoted(): string | undefined {
    this.skip();
    if (this.text[this.at] !== '"') return undefined;
    const start = this.at;
    const end = this.text.indexOf('"', start + 1);
    if (end < 0) {
      this.at = this.text.length;
      throw new Mistake('this text is not closed', start, start + 1, 'write `"` where it ends');
    }
    this.at = end + 1;
    return this.text.slice(start + 1, end);
  }

  wild(): string | undefined {
    return this.quoted() ?? this.match(wildWord);
  }

  symbol(): string | undefined {
    return this.quoted() ?? this.match(symbolWord);
  }

  number(): string | undefined {
    return this.match(numberWord);
  }

  /** What stands here, as a message shows it. */
  shown(): string {
    this.skip();
    if (this.at >= this.text.length) return 'the end of the script';
    const found = /^(?:[\w.$]+|\S)/.exec(this.text.slice(this.at, this.at + 60))?.[0] ?? '';
    return `\`${found}\``;
  }

  unexpected(wanted: string, hint?: string): Mistake {
    const shown = this.shown();
    const length = this.at >= this.text.length ? 1 : shown.length - 2;
    return new Mistake(`${wanted} is needed here, not ${shown}`, this.at, this.at + length, hint);
  }
}
