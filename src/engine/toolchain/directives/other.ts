/** Directives that change nothing in the image, bring in other files, or are refused. */
import { atEnd, type Cursor, expectString, mistakeAt, peek, restText, unexpected } from '../cursor.ts';
import { Mistake } from '../diagnostics.ts';
import { scan, spanOf } from '../scan.ts';
import { didYouMean } from '../suggest.ts';
import { stringBytes } from '../tokens.ts';
import type { Unit } from '../unit.ts';
import { type Directive, directive } from './directive.ts';
import { pushFrame } from './repeat.ts';

const skip = (cursor: Cursor): void => {
  cursor.index = cursor.end;
};

const ignored = (names: string, summary: string): Directive =>
  directive(names, '…', summary, (_unit, cursor) => skip(cursor));

const refused = (names: string, message: string, hint: string): Directive =>
  directive(names, '…', `Not available: ${message}`, (_unit, cursor, name) => {
    const { text } = cursor.statement;
    throw new Mistake(`\`${name}\`: ${message}`, Math.max(text.search(/\S/), 0), text.trimEnd().length, hint);
  });

const ignoredOptions = ['relax', 'norelax', 'csr-check', 'no-csr-check'];

/** Options that change what may follow; a change gives false if it cannot be made. */
const optionChanges: Readonly<Record<string, (unit: Unit) => boolean>> = {
  push: (unit) => unit.optionStack.push({ mayCompress: unit.mayCompress, pic: unit.pic }) > 0,
  pop(unit) {
    const saved = unit.optionStack.pop();
    unit.mayCompress = saved?.mayCompress ?? unit.mayCompress;
    unit.pic = saved?.pic ?? unit.pic;
    return saved !== undefined;
  },
  pic(unit) {
    unit.pic = true;
    return true;
  },
  nopic(unit) {
    unit.pic = false;
    return true;
  },
  rvc(unit) {
    unit.mayCompress = true;
    return true;
  },
  norvc(unit) {
    unit.mayCompress = false;
    return true;
  },
};

/** `arch, +c`, `arch, -c`, `arch, rv64gc`: only C can be turned on and off. */
function changeArchitecture(unit: Unit, changes: readonly string[]): void {
  for (const change of changes) {
    if (/^[+-]/.test(change)) {
      if (/^.(c|zca)$/.test(change)) unit.mayCompress = change.startsWith('+');
    } else unit.mayCompress = /^rv64[a-z]*c/.test(change) || /_(c|zca)(\d|_|$)/.test(change);
  }
}

/**
 * `.option`. Nothing here makes the assembler choose 16-bit instructions by itself, so that addresses stay what a reader
 * counts: `rvc` permits those written with `c.`, as is the case from the start, and `norvc` forbids them.
 */
function option(unit: Unit, cursor: Cursor): void {
  const token = peek(cursor);
  const [text = '', ...rest] = restText(cursor)
    .split(',')
    .map((part) => part.trim());
  if (text === '') throw unexpected(cursor, 'an option');
  skip(cursor);
  const change = Object.hasOwn(optionChanges, text) ? optionChanges[text] : undefined;
  if (change !== undefined) {
    if (!change(unit)) throw mistakeAt(token, 'there is no `.option push` before this `.option pop`');
    return;
  }
  if (text === 'arch') {
    changeArchitecture(unit, rest);
    return;
  }
  if (ignoredOptions.includes(text)) return;
  unit.reporter.warn(
    spanOf(cursor.statement, token.start, token.start + Math.max(text.length, 1)),
    `unknown option \`${text}\``,
    didYouMean(text, [...Object.keys(optionChanges), ...ignoredOptions, 'arch']),
  );
}

function include(unit: Unit, cursor: Cursor): void {
  const token = expectString(cursor);
  const name = new TextDecoder().decode(stringBytes(token));
  const bare = name.replace(/^\.\//, '');
  const text = unit.sources.get(bare);
  if (text === undefined) {
    const known = didYouMean(
      bare,
      [...unit.sources.keys()].filter((file) => file !== unit.file),
    );
    throw mistakeAt(
      token,
      `there is no file \`${name}\` in this lab`,
      known ?? `files: ${[...unit.sources.keys()].join(', ')}`,
    );
  }
  pushFrame(unit, cursor, { kind: 'file', statements: scan(text, bare, unit.reporter) });
}

function said(cursor: Cursor, fallback: string): string {
  return atEnd(cursor) ? fallback : new TextDecoder().decode(stringBytes(expectString(cursor)));
}

export const otherDirectives: readonly Directive[] = [
  directive(
    '.option',
    'push | pop | rvc | norvc | pic | nopic',
    'Permits `c.` instructions; lets `la` use the GOT.',
    option,
  ),
  directive('.include', '"file"', 'Reads another file of the lab in this place.', include),
  directive('.error .err', '"message"', 'Reports an error.', (_unit, cursor, name) => {
    const token = peek(cursor);
    throw mistakeAt(token, said(cursor, `\`${name}\` was reached`));
  }),
  directive('.warning', '"message"', 'Reports a warning.', (unit, cursor) => {
    const token = peek(cursor);
    unit.reporter.warn(spanOf(cursor.statement, token.start, token.end), said(cursor, '`.warning` was reached'));
  }),
  directive('.end', '', 'Ends the file.', (unit, cursor) => {
    skip(cursor);
    unit.ended = true;
  }),
  ignored('.line .ln .ident .version .print', 'Accepted; it changes nothing here.'),
  ignored('.attribute .gnu_attribute .addrsig .addrsig_sym', 'Accepted; attributes are not kept.'),
  ignored('.title .sbttl .list .nolist .eject .psize .noaltmacro', 'Accepted; there are no listings.'),
  ignored('.extern', 'Accepted: symbols that no line defines are looked for in the other files.'),
  ignored('.func .endfunc .variant_cc', 'Accepted; it changes nothing here.'),
  refused('.altmacro', 'only the usual macro syntax is available', 'write `\\argument`'),
  refused('.reloc', 'relocations cannot be written by hand', 'use `%hi`, `%lo`, `la` or `call`'),
  refused(
    '.dtprelword .dtpreldword',
    'offsets in a module’s thread-local storage are not available',
    'use `la.tls.gd`',
  ),
];
