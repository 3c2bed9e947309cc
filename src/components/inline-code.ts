/** Hints and messages are plain text with `code` in it. */

export interface Run {
  readonly text: string;
  readonly code: boolean;
}

/** Splits at backticks; one without a partner stays as it is. */
export function inlineCode(text: string): Run[] {
  const runs: Run[] = [];
  let from = 0;
  for (const match of text.matchAll(/`([^`]+)`/g)) {
    if (match.index > from) runs.push({ text: text.slice(from, match.index), code: false });
    runs.push({ text: match[1] ?? '', code: true });
    from = match.index + match[0].length;
  }
  if (from < text.length) runs.push({ text: text.slice(from), code: false });
  return runs;
}
