/** Assembly with directives and macros of C (`.S`) → lines for the assembler, each with the place that it comes from. */
import type { Reporter } from '../../diagnostics.ts';
import type { Origin, SourceLine } from '../../scan.ts';
import { enterFile } from './include.ts';
import { createState, type PreprocessOptions, readToken } from './preprocess.ts';
import type { Token } from './tokens.ts';

const isWord = /\w/;

/** Two words side by side were two tokens: they must not become one. */
const needsBlank = (text: string, token: Token): boolean =>
  token.spaced || (isWord.test(text.at(-1) ?? '') && isWord.test(token.text[0] ?? ''));

/** Text stands in its own column wherever nothing longer stands before it. */
function layLine(tokens: readonly Token[]): SourceLine | undefined {
  const [first] = tokens;
  if (first === undefined) return undefined;
  const { file, line } = first.at;
  const origins: Origin[] = [];
  let text = '';
  let asWritten = true;
  for (const token of tokens) {
    const { at } = token;
    const here = at.file === file && at.line === line && at.inside === undefined;
    if (here && (token.spaced || text === '')) text = text.padEnd(at.column - 1);
    if (text !== '' && needsBlank(text, token) && text.at(-1) !== ' ') text += ' ';
    asWritten &&= here && text.length === at.column - 1;
    origins.push({ offset: text.length, at });
    text += token.text;
  }
  return asWritten ? { text, file, line } : { text, file, line, origins };
}

/** Mistakes are reported; what can be read is returned. */
export function preprocessAssembly(
  source: { readonly name: string; readonly text: string },
  { find, defines }: PreprocessOptions,
  reporter: Reporter,
): readonly SourceLine[] {
  const state = createState({ find, defines: { __ASSEMBLER__: '1', ...defines } }, reporter, true);
  enterFile(state, source);
  const lines: Token[][] = [[]];
  let count = 0;
  for (let token = readToken(state, 0); token !== undefined; token = readToken(state, ++count)) {
    if (state.lineBegun) lines.push([]);
    state.lineBegun = false;
    lines.at(-1)?.push(token);
  }
  return lines.map(layLine).filter((line) => line !== undefined);
}
