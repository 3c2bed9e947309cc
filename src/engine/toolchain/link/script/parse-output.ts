/** What stands between the braces of SECTIONS: output sections with their input patterns, and assignments. */
import { Mistake } from '../../diagnostics.ts';
import { parseAssertion, parseExpression } from './parse-expression.ts';
import { parseInput } from './parse-input.ts';
import type { Scanner } from './scanner.ts';
import type {
  Assertion,
  Assignment,
  BinaryOperator,
  Expression,
  Fill,
  Name,
  OutputDescription,
  OutputItem,
} from './script.ts';

const assignmentOperators = ['=', '+=', '-=', '*=', '/=', '<<=', '>>=', '&=', '|='] as const;
const dataSizes: Readonly<Record<string, 1 | 2 | 4 | 8>> = { BYTE: 1, SHORT: 2, LONG: 4, QUAD: 8, SQUAD: 8 };

/** Where an assignment has been begun: behind its target. Undefined if no operator stands here. */
export function parseAssignment(scanner: Scanner, target: string, start: number): Assignment | undefined {
  const found = assignmentOperators.find((op) => scanner.sees(op));
  if (found === undefined || (found === '=' && scanner.sees('=='))) return undefined;
  scanner.accept(found);
  return { ...assigned(scanner, target, start, found.slice(0, -1)), provide: false, hidden: false };
}

function assigned(scanner: Scanner, target: string, start: number, op: string): Omit<Assignment, 'provide' | 'hidden'> {
  const at = scanner.span(start, start + target.length);
  const value = parseExpression(scanner);
  return { kind: 'assign', target, op: op === '' ? undefined : (op as BinaryOperator), value, at };
}

/** Commands that may stand among sections and within them; undefined for other words. */
export function parseCommand(scanner: Scanner, word: string, start: number): Assignment | Assertion | undefined {
  if (word === 'ASSERT') {
    scanner.expect('(', 'after ASSERT');
    const { test, message } = parseAssertion(scanner);
    scanner.expect(')', 'to close `ASSERT(`');
    return { kind: 'assert', test, message, at: scanner.span(start, start + word.length) };
  }
  if (!['PROVIDE', 'PROVIDE_HIDDEN', 'HIDDEN'].includes(word)) return undefined;
  scanner.expect('(', `after ${word}`);
  scanner.skip();
  const targetAt = scanner.at;
  const target = scanner.symbol();
  if (target === undefined) throw scanner.unexpected('the name of a symbol');
  scanner.expect('=', 'after the symbol');
  const assignment = assigned(scanner, target, targetAt, '');
  scanner.expect(')', `to close \`${word}(\``);
  return { ...assignment, provide: word !== 'HIDDEN', hidden: word !== 'PROVIDE' };
}

/** An assertion may go without its semicolon, as in GNU ld. */
export function endStatement(scanner: Scanner, { kind }: Assignment | Assertion): void {
  if (kind === 'assert') {
    scanner.accept(';');
    return;
  }
  if (scanner.accept(';') || scanner.accept(',') || scanner.sees('}') || scanner.ended) return;
  throw scanner.unexpected('`;` after the assignment');
}

interface Header {
  readonly address: Expression | undefined;
  readonly type: OutputDescription['type'];
  readonly loadAddress: Expression | undefined;
  readonly align: Expression | undefined;
  readonly subalign: Expression | undefined;
}

const types: Readonly<Record<string, OutputDescription['type']>> = {
  NOLOAD: 'noload',
  DSECT: 'info',
  COPY: 'info',
  INFO: 'info',
  OVERLAY: 'info',
  READONLY: 'loaded',
};

function typeAt(scanner: Scanner): OutputDescription['type'] | undefined {
  const start = scanner.at;
  if (scanner.accept('(')) {
    const word = scanner.symbol() ?? '';
    if (scanner.accept(')') && Object.hasOwn(types, word)) return types[word];
  }
  scanner.at = start;
  return undefined;
}

function inParentheses(scanner: Scanner, what: string): Expression {
  scanner.expect('(', `after ${what}`);
  const value = parseExpression(scanner);
  scanner.expect(')', `to close \`${what}(\``);
  return value;
}

function parseHeader(scanner: Scanner): Header {
  let type = typeAt(scanner);
  const address = type === undefined && !scanner.sees(':') ? parseExpression(scanner) : undefined;
  type ??= typeAt(scanner);
  scanner.expect(':', 'after the name of the section', 'an output section is `.name : { *(.name) }`');
  let loadAddress: Expression | undefined;
  let align: Expression | undefined;
  let subalign: Expression | undefined;
  while (!scanner.sees('{')) {
    const word = scanner.symbol();
    if (word === 'AT') loadAddress = inParentheses(scanner, word);
    else if (word === 'ALIGN') align = inParentheses(scanner, word);
    else if (word === 'SUBALIGN') subalign = inParentheses(scanner, word);
    else if (!['ALIGN_WITH_INPUT', 'ONLY_IF_RO', 'ONLY_IF_RW'].includes(word ?? '')) {
      throw scanner.unexpected('`{`', 'between `:` and `{` may stand AT(…), ALIGN(…) and SUBALIGN(…)');
    }
  }
  return { address, type: type ?? 'loaded', loadAddress, align, subalign };
}

/** Behind the name of an output section. `recover` is told of mistakes within the braces. */
export function parseOutput(
  scanner: Scanner,
  name: string,
  start: number,
  recover: (act: () => void) => void,
): OutputDescription {
  const at = scanner.span(start, start + name.length);
  const header = parseHeader(scanner);
  const open = scanner.at;
  scanner.expect('{', 'to open the section');
  const items: OutputItem[] = [];
  while (!scanner.accept('}')) {
    if (scanner.ended) throw new Mistake(`\`${name}\` is not closed`, open, open + 1, 'write `}` where it ends');
    recover(() => {
      const item = parseItem(scanner);
      if (item !== undefined) items.push(item);
    });
  }
  return { kind: 'output', name, at, ...header, items, ...parseTrailer(scanner) };
}

function parseItem(scanner: Scanner): OutputItem | undefined {
  if (scanner.accept(';')) return undefined;
  scanner.skip();
  const start = scanner.at;
  const word = scanner.wild();
  if (word === undefined) throw scanner.unexpected('an input pattern or an assignment', 'for example `*(.text)`');
  const command = parseCommand(scanner, word, start) ?? parseAssignment(scanner, word, start);
  if (command !== undefined) {
    endStatement(scanner, command);
    return command;
  }
  const size = Object.hasOwn(dataSizes, word) ? dataSizes[word] : undefined;
  if (size !== undefined) return { kind: 'data', bytes: size, value: inParentheses(scanner, word) };
  if (word === 'FILL') {
    scanner.expect('(', 'after FILL');
    const fill = parseFill(scanner);
    scanner.expect(')', 'to close `FILL(`');
    return { kind: 'fill', fill };
  }
  if (word === 'CONSTRUCTORS' || word === 'CREATE_OBJECT_SYMBOLS') return undefined;
  return parseInput(scanner, word, start);
}

/** A plain hexadecimal number stands for its bytes, leading zeros included. */
function parseFill(scanner: Scanner): Fill {
  scanner.skip();
  const start = scanner.at;
  const digits = /^0[xX]([\da-fA-F]+)(?![\da-zA-Z])/.exec(scanner.text.slice(start, start + 2000))?.[1];
  const value = digits === undefined ? parseExpression(scanner) : undefined;
  if (digits === undefined || value !== undefined)
    return { kind: 'value', value: value ?? { kind: 'number', value: 0n } };
  scanner.at = start + 2 + digits.length;
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  const pairs = even.match(/../g) ?? [];
  return { kind: 'bytes', bytes: Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16)) };
}

function nameAt(scanner: Scanner, what: string): Name {
  scanner.skip();
  const start = scanner.at;
  const text = scanner.symbol();
  if (text === undefined) throw scanner.unexpected(`the name of ${what}`);
  return { text, at: scanner.span(start, scanner.at) };
}

function loadRegionAt(scanner: Scanner): Name | undefined {
  const before = scanner.at;
  if (scanner.accept('AT') && scanner.accept('>')) return nameAt(scanner, 'a memory region');
  scanner.at = before;
  return undefined;
}

/** `>region AT>region :segment =fill` */
function parseTrailer(scanner: Scanner): Pick<OutputDescription, 'region' | 'loadRegion' | 'segments' | 'fill'> {
  let region: Name | undefined;
  let loadRegion: Name | undefined;
  let fill: Fill | undefined;
  const segments: Name[] = [];
  for (;;) {
    const loadName = loadRegionAt(scanner);
    if (loadName !== undefined) loadRegion = loadName;
    else if (scanner.accept('>')) region = nameAt(scanner, 'a memory region');
    else if (scanner.accept(':')) segments.push(nameAt(scanner, 'a segment'));
    else if (scanner.accept('=')) fill = parseFill(scanner);
    else break;
  }
  scanner.accept(',');
  return { region, loadRegion, segments, fill };
}
