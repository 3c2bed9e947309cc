/** Words of an assembly line, and whether they stand in code. */

const wordPattern = /%[a-z_0-9]+|[A-Za-z_.$][\w.$]*|0[xX][\da-fA-F]+|0[bB][01]+|\d+/g;

export interface Word {
  readonly text: string;
  /** Columns count from 1; `end` is the first one past the word. */
  readonly start: number;
  readonly end: number;
}

/** Where the comment of a line begins (0-based), or its length; a `#` in a string is none. */
export function codeLength(line: string): number {
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    if (character === '\\' && quoted) at++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '#' || line.startsWith('//', at))) return at;
  }
  return line.length;
}

/** The word at a column (from 1) of a line, unless it stands in a comment. */
export function wordAt(line: string, column: number): Word | undefined {
  const code = line.slice(0, codeLength(line));
  for (const { 0: text, index } of code.matchAll(wordPattern)) {
    if (column >= index + 1 && column <= index + text.length)
      return { text, start: index + 1, end: index + 1 + text.length };
  }
  return undefined;
}
