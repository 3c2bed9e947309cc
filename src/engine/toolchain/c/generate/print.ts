/** Machine code → assembly text. */
import type { Span } from '../../diagnostics.ts';
import type { Instruction, MachineBlock, MachineFunction } from './machine.ts';
import { expandTemplate } from './print-asm.ts';
import { registerName } from './registers.ts';

/** The text of a line of the source, for those who read the assembly. */
export type SourceLine = (file: string, line: number) => string | undefined;

export interface Printer {
  /** Set if the assembly is for readers: it says which line and which variable each instruction is about. */
  readonly sourceLine: SourceLine | undefined;
  readonly lines: string[];
  /** Numbers of files, as `.file` gives them. */
  readonly files: Map<string, number>;
  unique: number;
  lastPlace: string;
  lastLine: string;
}

export const createPrinter = (sourceLine?: SourceLine): Printer => ({
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

/** `.loc file line column` where the source's place is another than before. */
export function printPlace(printer: Printer, at: Span | undefined): void {
  if (at === undefined) return;
  const place = `${at.file}:${at.line}:${at.column}`;
  if (place === printer.lastPlace) return;
  printer.lastPlace = place;
  let number = printer.files.get(at.file);
  if (number === undefined) {
    number = printer.files.size + 1;
    printer.files.set(at.file, number);
    printer.lines.push(`\t.file ${number} ${JSON.stringify(at.file)}`);
  }
  const line = `${at.file}:${at.line}`;
  const text = line === printer.lastLine ? undefined : printer.sourceLine?.(at.file, at.line)?.trim();
  printer.lastLine = line;
  printer.lines.push(`\t.loc ${number} ${at.line} ${at.column}${text === undefined ? '' : ` # ${text}`}`);
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

export function printFunction(printer: Printer, machine: MachineFunction): void {
  const { name: fn, blocks } = machine;
  const targets = new Set(
    blocks.flatMap(({ instructions }) => instructions.flatMap((each) => each.target ?? each.targets ?? [])),
  );
  const tables: Instruction[] = [];
  for (const block of blocks) {
    if (targets.has(block)) printer.lines.push(`${labelOf(fn, block)}:`);
    for (const instruction of block.instructions) {
      printPlace(printer, instruction.at);
      if (instruction.format === 'asm') printAsm(printer, instruction);
      else printer.lines.push(`\t${instructionText(fn, instruction)}${noteOf(printer, instruction)}`);
      if (instruction.format === 'table') tables.push(instruction);
    }
  }
  printer.lines.push(`\t.size ${fn}, .-${fn}`);
  for (const table of tables) printTable(printer, fn, table);
}
