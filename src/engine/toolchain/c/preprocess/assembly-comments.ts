/** Comments of assembly that begin with `#`, told from directives, so that nothing in them is taken for C. */
import type { Reporter } from '../../diagnostics.ts';
import { quoteEnd, type SourceLine, warnAboutNumberMark } from '../../scan.ts';

/** What may follow a directive that has a blank behind its `#`; anything else is prose, as in `# if the page is not there`. */
const arguments_: Readonly<Record<string, RegExp>> = {
  define: /^\s*[A-Za-z_]/,
  undef: /^\s*\w+\s*$/,
  ifdef: /^\s*\w+\s*$/,
  ifndef: /^\s*\w+\s*$/,
  else: /^\s*$/,
  endif: /^\s*\w*\s*$/,
  include: /^\s*(?:["<]|\w+\s*$)/,
  error: /^\s*"/,
  warning: /^\s*"/,
  line: /^\s*\d/,
  pragma: /^\s*(?:once|push_macro|pop_macro|GCC)\b/,
  ident: /^\s*"/,
};

/** Two words with nothing between them make no expression. */
const proseCondition = /[\w)]\s+[A-Za-z_]/;

function mayFollow(word: string, rest: string): boolean {
  const bare = rest.replace(/\/\*.*?(?:\*\/|$)|\/\/.*|\\\s*$/g, '');
  if (word === 'if' || word === 'elif') return !proseCondition.test(bare.replace(/\bdefined\s+/g, ''));
  return arguments_[word]?.test(bare) ?? true;
}

const directive = /^#(\s*)(define|undef|ifdef|ifndef|if|elif|else|endif|include|error|warning|line|pragma|ident)\b(.*)/;

/** Of a line that begins with `#`. `prose`: it is no directive here, though GCC takes it for one. */
function kindOf(line: string): 'directive' | 'comment' | 'prose' {
  const [, blank = '', word = '', rest = ''] = directive.exec(line) ?? [];
  if (word === '') return 'comment';
  return blank === '' || mayFollow(word, rest) ? 'directive' : 'prose';
}

interface Walk {
  readonly inComment: boolean;
  /** Where a comment with `#` begins, or the length of the line. */
  readonly end: number;
}

/** To the first `#` outside of quotes and block comments. */
function walkLine(line: string, from: number, inComment: boolean): Walk {
  let at = from;
  for (let open = inComment; ; open = true) {
    if (open) {
      const close = line.indexOf('*/', at);
      if (close < 0) return { inComment: true, end: line.length };
      at = close + 2;
    }
    while (at < line.length && !line.startsWith('/*', at)) {
      const char = line[at];
      if (char === '#') return { inComment: false, end: at };
      if (line.startsWith('//', at)) return { inComment: false, end: line.length };
      at = char === '"' || char === "'" ? quoteEnd(line, at) : at + 1;
    }
    if (at >= line.length) return { inComment: false, end: line.length };
    at += 2;
  }
}

function warnAboutProse(source: SourceLine, reporter: Reporter): void {
  const { text, file, line } = source;
  const column = text.indexOf('#') + 1;
  const word = /^#\s*\w+/.exec(text.trimStart())?.[0] ?? '#';
  const span = { file, line, column, endColumn: column + word.length };
  reporter.warn(
    span,
    `this line is read as a comment, but GCC takes \`${word}\` for a directive`,
    'begin the comment with another word, or with `//`',
  );
}

/** The text with these comments as blanks: everything else stays at its place. */
export function blankComments(text: string, file: string, reporter: Reporter): string {
  let inComment = false;
  let inDirective = false;
  const lines = text.split('\n').map((line, index) => {
    const source = { text: line, file, line: index + 1 };
    const start = line.search(/\S/);
    const kind = !inComment && line[start] === '#' ? kindOf(line.slice(start)) : undefined;
    if (inDirective || kind === 'directive') {
      inDirective = /\\[ \t\r]*$/.test(line);
      inComment = walkDirective(line, inComment);
      return line;
    }
    if (kind === 'prose') warnAboutProse(source, reporter);
    if (!inComment) warnAboutNumberMark(source, reporter);
    const walk = walkLine(line, 0, inComment);
    inComment = walk.inComment;
    return line.slice(0, walk.end);
  });
  return lines.join('\n');
}

/** In a directive `#` is an operator; whether a block comment is open behind the line. */
function walkDirective(line: string, inComment: boolean): boolean {
  for (let at = 0, open = inComment; ; open = false) {
    const walk = walkLine(line, at, open);
    if (walk.end >= line.length) return walk.inComment;
    at = walk.end + 1;
  }
}
