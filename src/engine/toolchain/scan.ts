/** Source text → statements: comments are blanked, `;` and line ends separate. Columns are kept. */
import type { Reporter, Span } from './diagnostics.ts';

export interface Statement {
  readonly text: string;
  readonly file: string;
  readonly line: number;
  /** Column of the first character of `text`, from 1. */
  readonly column: number;
  /** Where everything in the text is shown to stand, if it was made by a macro or by substitution. */
  readonly shown?: Span;
  /** Those of its line. */
  readonly origins?: readonly Origin[];
}

/** What stands from `offset` of a line on, up to the next origin, was written at another place. */
export interface Origin {
  readonly offset: number;
  readonly at: Span;
}

/** A line of text, and where it comes from. */
export interface SourceLine {
  readonly text: string;
  readonly file: string;
  readonly line: number;
  /** In ascending order; left out where the text stands as it was written. */
  readonly origins?: readonly Origin[];
}

export function spanOf(statement: Statement, start: number, end: number): Span {
  const { shown, origins, file, line, column } = statement;
  const there = { file, line, column: column + start, endColumn: column + end };
  return shown ?? (origins === undefined ? there : originalSpan(origins, there));
}

function originalSpan(origins: readonly Origin[], { column, endColumn, ...place }: Span): Span {
  const from = origins.findLast(({ offset }) => offset < column)?.at;
  const to = origins.findLast(({ offset }) => offset < endColumn - 1)?.at ?? from;
  if (from === undefined || to === undefined) return { ...place, column, endColumn };
  const together = to.file === from.file && to.line === from.line;
  return { ...from, endColumn: together ? Math.max(from.endColumn, to.endColumn) : from.endColumn };
}

/** The statement without the blanks around it. */
export function wholeSpan(statement: Statement): Span {
  const start = statement.text.search(/\S/);
  return spanOf(statement, Math.max(start, 0), statement.text.trimEnd().length);
}

/** A line with one of these needs to be read character by character. */
const special = /["'#;/*]/;
const isBlank = /^\s*$/;
/** C preprocessor lines that a reader would expect to act; `# 12 "file.c"` markers and prose are left alone. */
const preprocessor = /^\s*#(define\s+\w+|include\s*["<]|ifdef\s+\w+|ifndef\s+\w+|undef\s+\w+|endif\s*$)/;

/** `#5`, as ARM assemblers write numbers. */
const immediateMark = /^[^"'#]*,\s*#-?\w+\s*$/;

const preprocessorHint = (directive: string): string => {
  if (directive.startsWith('define')) return 'write `.equ NAME, value`, or `.macro` for code';
  if (directive.startsWith('include')) return 'write `.include "file"`';
  return 'write `.ifdef`, `.ifndef`, `.else`, `.endif`';
};

export function scan(text: string, file: string, reporter: Reporter): Statement[] {
  const lines = text.split('\n').map((physical, index): SourceLine => {
    const content = physical.endsWith('\r') ? physical.slice(0, -1) : physical;
    return { text: content, file, line: index + 1 };
  });
  return scanLines(lines, reporter);
}

export function scanLines(lines: readonly SourceLine[], reporter: Reporter): Statement[] {
  const statements: Statement[] = [];
  let openComment: Span | undefined;
  for (const source of lines) {
    const { text: content, ...place } = source;
    if (openComment === undefined && !special.test(content)) {
      if (!isBlank.test(content)) statements.push({ text: content, ...place, column: 1 });
      continue;
    }
    if (openComment === undefined) warnAboutComments(source, reporter);
    const result = splitLine(content, openComment !== undefined);
    for (const { start, text: piece } of result.pieces) {
      if (!isBlank.test(piece)) statements.push({ text: piece, ...place, column: start + 1 });
    }
    if (result.commentStart === undefined) openComment = undefined;
    else if (result.commentStart >= 0) {
      openComment = spanOf({ text: content, ...place, column: 1 }, result.commentStart, result.commentStart + 2);
    }
  }
  if (openComment !== undefined) reporter.error(openComment, 'this comment is not closed', 'write `*/` where it ends');
  return statements;
}

/** `li a0, #5`: the comment was meant to be a number. */
export function warnAboutNumberMark({ text, file, line }: SourceLine, reporter: Reporter): void {
  const number = immediateMark.exec(text);
  if (number === null) return;
  const column = number.index + number[0].indexOf('#') + 1;
  const span = { file, line, column, endColumn: column + 1 };
  reporter.warn(span, '`#` begins a comment: what follows is not read', 'write numbers without it');
}

/** Comments that were meant to be code. */
function warnAboutComments(source: SourceLine, reporter: Reporter): void {
  warnAboutNumberMark(source, reporter);
  const { text: content, file, line } = source;
  const directive = preprocessor.exec(content)?.[1];
  if (directive === undefined) return;
  const column = content.indexOf('#') + 1;
  const word = directive.match(/^\w+/)?.[0] ?? directive;
  reporter.warn(
    { file, line, column, endColumn: column + 1 + word.length },
    `\`#${word}\` is only a comment here: assembly is not run through the C preprocessor`,
    preprocessorHint(directive),
  );
}

interface Split {
  readonly pieces: readonly { readonly start: number; readonly text: string }[];
  /** A block comment stays open: where it began on this line, or -1 if on an earlier one. */
  readonly commentStart: number | undefined;
}

function splitLine(content: string, inComment: boolean): Split {
  const pieces: { start: number; text: string }[] = [];
  let clean = '';
  let start = 0;
  let at = 0;
  const take = (end: number): void => {
    clean += content.slice(at, end);
    at = end;
  };
  const blank = (end: number): void => {
    clean += ' '.repeat(end - at);
    at = end;
  };
  const finish = (commentStart: number | undefined): Split => {
    pieces.push({ start, text: clean });
    return { pieces, commentStart };
  };
  if (inComment) {
    const close = content.indexOf('*/');
    if (close < 0) return { pieces, commentStart: -1 };
    blank(close + 2);
  }
  while (at < content.length) {
    const char = content[at];
    const pair = content.slice(at, at + 2);
    if (char === '"' || char === "'") take(quoteEnd(content, at));
    else if (char === '#' || pair === '//') return finish(undefined);
    else if (pair === '/*') {
      const opened = at;
      const close = content.indexOf('*/', at + 2);
      if (close < 0) return finish(opened);
      blank(close + 2);
    } else if (char === ';') {
      pieces.push({ start, text: clean });
      at++;
      start = at;
      clean = '';
    } else take(at + 1);
  }
  return finish(undefined);
}

/** Offset after the string or character constant at `at`; GNU as lets `'a` go without its closing quote. */
export function quoteEnd(text: string, at: number): number {
  if (text[at] === "'") {
    const body = text[at + 1] === '\\' ? at + 3 : at + 2;
    return Math.min(text[body] === "'" ? body + 1 : body, text.length);
  }
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return Math.min(end + 1, text.length);
}
