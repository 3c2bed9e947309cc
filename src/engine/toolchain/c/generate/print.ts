/** Machine code → assembly text. */
import type { Span } from '../../diagnostics.ts';
import type { Scope } from '../ir/debug.ts';
import type { Instruction, MachineBlock, MachineFunction } from './machine.ts';
import { expandTemplate } from './print-asm.ts';
import { registerName } from './registers.ts';
import type { Variables } from './track.ts';

/** The text of a line of the source, for those who read the assembly. */
export type SourceLine = (file: string, line: number) => string | undefined;

export interface Printer {
  /** Set if the assembly is for readers: it says which line and which variable each instruction is about. */
  readonly sourceLine: SourceLine | undefined;
  readonly lines: string[];
  /** Numbers of files, as `.file` gives them. */
  readonly files: Map<string, number>;
  /** Debug information is wanted. */
  readonly debug: boolean;
  unique: number;
  lastPlace: string;
  lastLine: string;
  isStatement: boolean;
}

export const createPrinter = (debug: boolean, sourceLine?: SourceLine): Printer => ({
  debug,
  isStatement: true,
  lines: [],
  files: new Map(),
  sourceLine,
  unique: 0,
  lastPlace: '',
  lastLine: '',
});

const name = (register: number | undefined): string => registerName(register ?? 0);

const symbolText = (symbol: string, imm: bigint): string =>
  imm === 0n ? symbol : `${symbol}${imm < 0n ? '' : '+'}${imm}`;

const labelOf = (fn: string, block: MachineBlock | undefined): string => `.L${fn}.${block?.id ?? 0}`;

/** Shorter names of the same instruction, where there are some. */
const zeroBranches: Readonly<Record<string, string>> = { beq: 'beqz', bne: 'bnez', blt: 'bltz', bge: 'bgez' };
const zeroFirst: Readonly<Record<string, string>> = { blt: 'bgtz', bge: 'blez' };
const zeroSubtract: Readonly<Record<string, string>> = { sub: 'neg', subw: 'negw' };

function branchText(fn: string, { op, uses, target }: Instruction): string {
  const [left, right] = uses;
  const to = labelOf(fn, target);
  const short = right === 0 ? zeroBranches[op] : undefined;
  if (short !== undefined) return `${short} ${name(left)}, ${to}`;
  const turned = left === 0 ? zeroFirst[op] : undefined;
  if (turned !== undefined) return `${turned} ${name(right)}, ${to}`;
  return `${op} ${name(left)}, ${name(right)}, ${to}`;
}

function registerText({ op, defs, uses }: Instruction): string {
  const negated = uses[0] === 0 ? zeroSubtract[op] : undefined;
  if (negated !== undefined) return `${negated} ${name(defs[0])}, ${name(uses[1])}`;
  return `${op} ${name(defs[0])}, ${name(uses[0])}, ${name(uses[1])}`;
}

function unaryText({ op, defs, uses }: Instruction): string {
  // A conversion names its rounding mode behind its operands.
  const [mnemonic = op, mode] = op.split(' ');
  if (mnemonic === 'mv' && uses[0] === 0) return `li ${name(defs[0])}, 0`;
  return `${mnemonic} ${name(defs[0])}, ${name(uses[0])}${mode === undefined ? '' : `, ${mode}`}`;
}

function immediateText({ op, defs, uses, imm }: Instruction): string {
  const [rd] = defs;
  const [rs] = uses;
  if (op === 'addi' && imm === 0n) return `mv ${name(rd)}, ${name(rs)}`;
  if (op === 'addiw' && imm === 0n) return `sext.w ${name(rd)}, ${name(rs)}`;
  return `${op} ${name(rd)}, ${name(rs)}, ${imm}`;
}

function loadText({ op, defs, uses, imm, symbol }: Instruction): string {
  const [rd, through] = defs;
  if (symbol === undefined) return `${op} ${name(rd)}, ${imm}(${name(uses[0])})`;
  const scratch = through === undefined ? '' : `, ${name(through)}`;
  return `${op} ${name(rd)}, ${symbolText(symbol, imm)}${scratch}`;
}

function storeText({ op, defs, uses, imm, symbol }: Instruction): string {
  const [value, base] = uses;
  if (symbol === undefined) return `${op} ${name(value)}, ${imm}(${name(base)})`;
  return `${op} ${name(value)}, ${symbolText(symbol, imm)}, ${name(defs[0])}`;
}

function instructionText(fn: string, instruction: Instruction): string {
  const { format, op, defs, uses, imm, symbol = '', target } = instruction;
  switch (format) {
    case 'register':
      return registerText(instruction);
    case 'unary':
      return unaryText(instruction);
    case 'immediate':
    case 'slot':
      return immediateText(instruction);
    case 'li':
      return `li ${name(defs[0])}, ${imm}`;
    case 'address':
      return `${op} ${name(defs[0])}, ${symbolText(symbol, imm)}`;
    case 'load':
      return loadText(instruction);
    case 'store':
      return storeText(instruction);
    case 'branch':
      return branchText(fn, instruction);
    case 'jump':
      return `j ${labelOf(fn, target)}`;
    case 'table':
      return `jr ${name(uses[0])}`;
    case 'call':
      return op === 'call' ? `call ${symbol}` : `jalr ${name(uses[0])}`;
    case 'return':
      return 'ret';
    case 'amo':
      return `${op} ${name(defs[0])}, ${name(uses[1])}, (${name(uses[0])})`;
    default:
      return op;
  }
}

export function fileNumber(printer: Printer, file: string): number {
  const known = printer.files.get(file);
  if (known !== undefined) return known;
  const number = printer.files.size + 1;
  printer.files.set(file, number);
  const name = JSON.stringify(file);
  // Number 0 tells GNU as that the line table is one of DWARF 5.
  if (number === 1 && printer.debug) printer.lines.push(`\t.file 0 "." ${name}`);
  printer.lines.push(`\t.file ${number} ${printer.debug ? '"." ' : ''}${name}`);
  return number;
}

/** Behind the place: whether a statement begins there, where that is to be told. */
function stops(printer: Printer, kind: PlaceKind): string {
  if (!printer.debug) return '';
  const statement = kind !== 'rest';
  const changed = statement === printer.isStatement ? '' : ` is_stmt ${statement ? 1 : 0}`;
  printer.isStatement = statement;
  return `${changed}${kind === 'body' ? ' prologue_end' : ''}`;
}

/** The beginning of a function or of its body, of another statement, or something else. */
export type PlaceKind = 'function' | 'body' | 'statement' | 'rest';

/** `.loc file line column` where the source's place is another than before. */
export function printPlace(printer: Printer, at: Span | undefined, kind: PlaceKind = 'function'): void {
  if (at === undefined) return;
  const place = `${at.file}:${at.line}:${at.column}`;
  if (place === printer.lastPlace && (kind === 'rest' || !printer.debug)) return;
  printer.lastPlace = place;
  const number = fileNumber(printer, at.file);
  const line = `${at.file}:${at.line}`;
  const text = line === printer.lastLine ? undefined : printer.sourceLine?.(at.file, at.line)?.trim();
  printer.lastLine = line;
  const behind = `${stops(printer, kind)}${text === undefined ? '' : ` # ${text}`}`;
  printer.lines.push(`\t.loc ${number} ${at.line} ${at.column}${behind}`);
}

const noteOf = ({ sourceLine }: Printer, { note }: Instruction): string =>
  sourceLine === undefined || note === undefined ? '' : `\t# ${note}`;

function printAsm(printer: Printer, instruction: Instruction): void {
  const text = expandTemplate(instruction, printer.unique++);
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed !== '') printer.lines.push(/^[\w.$]+:/.test(trimmed) ? trimmed : `\t${trimmed}`);
  }
}

function printTable(printer: Printer, fn: string, { symbol = '', targets = [] }: Instruction): void {
  printer.lines.push('\t.section .rodata', '\t.align 3', `${symbol}:`);
  for (const target of targets) printer.lines.push(`\t.dword ${labelOf(fn, target)}`);
}

/** What is told of each stretch of a function's code, and where the last one began. */
interface Runs {
  readonly list: { label: string; end: string; scope: Scope | undefined; variables: Variables; afterCall: boolean }[];
  hasBody: boolean;
  /** The instruction before is a call. */
  afterCall: boolean;
}

const nothing: Variables = new Map();

/** A label where another scope begins, or something else is known. */
function printRun(printer: Printer, { list, afterCall }: Runs, { at, variables = nothing }: Instruction): void {
  const last = list.at(-1);
  if (last !== undefined && last.variables === variables && last.scope === at?.scope) return;
  const label = `.LV${printer.unique++}`;
  if (last !== undefined) last.end = label;
  list.push({ label, end: '', scope: at?.scope, variables, afterCall });
  printer.lines.push(`${label}:`);
}

function printStop(printer: Printer, runs: Runs, instruction: Instruction): void {
  const { at, statement } = instruction;
  if (!printer.debug) printPlace(printer, at);
  else if (statement === undefined) printPlace(printer, at, 'rest');
  else {
    printPlace(printer, statement, runs.hasBody ? 'statement' : 'body');
    runs.hasBody = true;
  }
}

function printInstruction(printer: Printer, fn: string, instruction: Instruction): void {
  if (instruction.format === 'asm') printAsm(printer, instruction);
  else printer.lines.push(`\t${instructionText(fn, instruction)}${noteOf(printer, instruction)}`);
}

/** What is known of variables, stretch by stretch; nothing without `debug`. */
export function printFunction(printer: Printer, machine: MachineFunction): Runs['list'] {
  const { name: fn, blocks } = machine;
  const targets = new Set(
    blocks.flatMap(({ instructions }) => instructions.flatMap((each) => each.target ?? each.targets ?? [])),
  );
  const last = blocks.at(-1)?.instructions.at(-1);
  const runs: Runs = { list: [], hasBody: false, afterCall: false };
  const tables: Instruction[] = [];
  if (printer.debug) printer.lines.push('\t.cfi_startproc');
  for (const block of blocks) {
    if (targets.has(block)) printer.lines.push(`${labelOf(fn, block)}:`);
    for (const instruction of block.instructions) {
      if (printer.debug) printRun(printer, runs, instruction);
      runs.afterCall = instruction.format === 'call';
      printStop(printer, runs, instruction);
      printInstruction(printer, fn, instruction);
      if (printer.debug && instruction !== last)
        printer.lines.push(...(instruction.frame ?? []).map((each) => `\t.cfi_${each}`));
      if (instruction.format === 'table') tables.push(instruction);
    }
  }
  if (printer.debug) printEnd(printer, runs);
  printer.lines.push(`\t.size ${fn}, .-${fn}`);
  for (const table of tables) printTable(printer, fn, table);
  return runs.list;
}

function printEnd(printer: Printer, { list }: Runs): void {
  const label = `.LV${printer.unique++}`;
  const last = list.at(-1);
  if (last !== undefined) last.end = label;
  printer.lines.push('\t.cfi_endproc', `${label}:`);
}
