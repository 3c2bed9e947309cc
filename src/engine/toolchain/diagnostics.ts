/** What the toolchain says about a program, and where. */

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** From 1, as are the columns; columns count UTF-16 units, `endColumn` is the first one past the text. */
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
  readonly message: string;
  /** The likely mend. */
  readonly hint?: string;
}

/** A range of one source line. */
export interface Span {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
  /** Set for text that a macro call produced: the span is the call, `inside` says which macro line it is about. */
  readonly inside?: string;
}

/**
 * A statement cannot be assembled. Thrown by the parsers, caught once per statement; offsets are into its text. No
 * `Error`: trying one form of an instruction after another must not cost a stack trace each.
 */
export class Mistake {
  readonly message: string;
  readonly start: number;
  readonly end: number;
  readonly hint: string | undefined;

  constructor(message: string, start: number, end: number, hint?: string) {
    this.message = message;
    this.start = start;
    this.end = end;
    this.hint = hint;
  }
}

export interface Reporter {
  readonly diagnostics: readonly Diagnostic[];
  readonly failed: boolean;
  /** So much has been reported that it is time to stop. */
  readonly exhausted: boolean;
  error(span: Span, message: string, hint?: string): void;
  warn(span: Span, message: string, hint?: string): void;
}

/** More than this many are not collected: nobody reads them, and a loop of errors must not fill the memory. */
const maxDiagnostics = 500;
/** Counts repeated ones too: a macro may make the same mistake a million times. */
const maxReports = 1000;

export function createReporter(): Reporter {
  const diagnostics: Diagnostic[] = [];
  const seen = new Set<string>();
  let failed = false;
  let reports = 0;
  const add = (severity: Diagnostic['severity'], span: Span, text: string, hint: string | undefined): void => {
    if (severity === 'error') failed = true;
    reports++;
    const { file, line, column, endColumn, inside } = span;
    const message = inside === undefined ? text : `${text} (${inside})`;
    const key = `${file}:${line}:${column}:${message}`;
    if (diagnostics.length >= maxDiagnostics || seen.has(key)) return;
    seen.add(key);
    const found = { severity, file, line, column, endColumn: Math.max(endColumn, column + 1), message };
    diagnostics.push(hint === undefined ? found : { ...found, hint });
  };
  return {
    diagnostics,
    get failed() {
      return failed;
    },
    get exhausted() {
      return reports > maxReports;
    },
    error: (span, message, hint) => add('error', span, message, hint),
    warn: (span, message, hint) => add('warning', span, message, hint),
  };
}
