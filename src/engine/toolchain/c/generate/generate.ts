/** A checked program → assembly text. */
import type { Reporter } from '../../diagnostics.ts';
import { evaluate } from '../check/constant.ts';
import type { Global, TypedFunction, TypedObject, TypedProgram } from '../check/tree.ts';
import { debugLines, type FunctionCode } from '../debug/unit.ts';
import type { IrFunction } from '../ir/ir.ts';
import { lowerFunction } from '../ir/lower.ts';
import { type Callee, isWorthInlining } from '../optimize/inline.ts';
import { finishFunction, optimizeFunction, prepareFunction, takeIn } from '../optimize/optimize.ts';
import { allocate } from './allocate.ts';
import { createStrings, printObject, type StringPool } from './data.ts';
import { finishFrame } from './frame.ts';
import { orderBlocks } from './order.ts';
import { createPrinter, fileNumber, type Printer, printFunction, printPlace, type SourceLine } from './print.ts';
import { selectFunction } from './select.ts';
import type { ConstantPool } from './selector.ts';

interface Pool extends ConstantPool {
  print(): string[];
}

/** Symbols of the file itself are not external, nor are the labels that the compiler makes. */
function createPool(pic: boolean, globals: readonly Global[]): Pool {
  const own = new Set(
    globals.filter(({ linkage, hidden }) => linkage === 'local' || hidden).map(({ symbol }) => symbol),
  );
  const labels = new Map<string, string>();
  const lines: string[] = [];
  return {
    pic,
    isExternal: (symbol) => pic && !own.has(symbol) && !symbol.startsWith('.L'),
    floatLabel(value, size) {
      const view = new DataView(new ArrayBuffer(8));
      if (size === 4) view.setFloat32(0, value, true);
      else view.setFloat64(0, value, true);
      const bits = size === 4 ? BigInt(view.getUint32(0, true)) : view.getBigUint64(0, true);
      const key = `${size}:${bits}`;
      const known = labels.get(key);
      if (known !== undefined) return known;
      const label = `.LF${labels.size}`;
      labels.set(key, label);
      lines.push(`\t.balign ${size}`, `${label}:`, `\t${size === 4 ? '.word' : '.dword'} ${bits}`);
      return label;
    },
    print: () => (lines.length === 0 ? [] : ['\t.section .rodata', ...lines]),
  };
}

interface Lowered {
  readonly fn: TypedFunction;
  readonly ir: IrFunction;
  /** Globals that inline assembly names. */
  readonly named: ReadonlySet<Global>;
}

function lowerAll({ functions }: TypedProgram, strings: StringPool, reporter: Reporter): Lowered[] {
  const lowered = functions.map((fn) => {
    const referenced = new Set<Global>();
    const ir = lowerFunction(fn, { reporter, strings, referenced });
    return { fn, ir, named: referenced };
  });
  for (const { ir } of lowered) prepareFunction(ir);
  return lowered;
}

/** How often each function is called, and whether something else names it. */
function countCalls(lowered: readonly Lowered[]): { calls: Map<string, number>; named: Set<string> } {
  const calls = new Map<string, number>();
  const named = new Set<string>();
  for (const { ir } of lowered) {
    for (const { values } of ir.blocks) {
      for (const { call, symbol } of values) {
        if (call?.symbol !== undefined) calls.set(call.symbol, (calls.get(call.symbol) ?? 0) + 1);
        if (symbol !== undefined) named.add(symbol);
      }
    }
  }
  return { calls, named };
}

/** In the order of the file: a function has taken in what it calls before others take it in. */
function inlineAll(lowered: readonly Lowered[], pic: boolean): void {
  const { calls, named } = countCalls(lowered);
  const chosen = new Map<string, IrFunction>();
  for (const { fn, ir } of lowered) {
    if (fn.naked) continue;
    takeIn(ir, chosen);
    const { linkage, kept } = fn.global;
    const isPrivate = linkage === 'local' && !kept && !named.has(ir.name);
    const callee: Callee = { fn: ir, isPrivate, calls: calls.get(ir.name) ?? 0 };
    // Another module may put its own function in the place of one that others see.
    const replaceable = linkage === 'weak' || (pic && linkage !== 'local');
    if (!replaceable && isWorthInlining(callee)) chosen.set(ir.name, ir);
  }
}

const holdsAssembly = ({ blocks }: IrFunction): boolean =>
  blocks.some(({ values }) => values.some(({ op }) => op === 'asm'));

/** Symbols that the code names by now; what was taken in elsewhere no longer counts. */
function symbolsOf({ ir, named }: Lowered): Set<string> {
  const found = new Set<string>(holdsAssembly(ir) ? [...named].map(({ symbol }) => symbol) : []);
  for (const { values } of ir.blocks) {
    for (const { call, symbol } of values) {
      if (call?.symbol !== undefined) found.add(call.symbol);
      if (symbol !== undefined) found.add(symbol);
    }
  }
  return found;
}

/** Globals that an initializer points to. */
function pointedTo({ init }: TypedObject): Global[] {
  return (init?.items ?? []).flatMap(({ value }) => {
    const known = evaluate(value);
    return known?.kind === 'address' && known.base.kind === 'global' ? [known.base.global] : [];
  });
}

/** What other files may see, and everything that it needs: the rest is left out. */
function reachable(program: TypedProgram, lowered: readonly Lowered[]): Set<Global> {
  const functions = new Map(lowered.map((each): [Global, Lowered] => [each.fn.global, each]));
  const objects = new Map(program.objects.map((each): [Global, TypedObject] => [each.global, each]));
  const assembly = program.assembly.map(({ text }) => text).join('\n');
  const roots = program.globals.filter(
    ({ linkage, kept, symbol }) => linkage !== 'local' || kept || assembly.includes(symbol),
  );
  const bySymbol = new Map(program.globals.map((each): [string, Global] => [each.symbol, each]));
  const seen = new Set<Global>();
  const stack = [...roots];
  for (let global = stack.pop(); global !== undefined; global = stack.pop()) {
    if (seen.has(global)) continue;
    seen.add(global);
    const code = functions.get(global);
    for (const symbol of code === undefined ? [] : symbolsOf(code)) {
      const found = bySymbol.get(symbol);
      if (found !== undefined) stack.push(found);
    }
    const real = global.alias === undefined ? undefined : bySymbol.get(global.alias);
    if (real !== undefined) stack.push(real);
    const object = objects.get(global);
    if (object !== undefined) stack.push(...pointedTo(object));
  }
  return seen;
}

/** What stands beside a definition: other names, visibility, an entry for the start-up code. */
function printExtras({ symbol, linkage, alias, array, hidden, type }: Global): string[] {
  const lines: string[] = [];
  if (alias !== undefined) {
    if (linkage !== 'local') lines.push(`\t.${linkage === 'weak' ? 'weak' : 'globl'} ${symbol}`);
    lines.push(`\t.type ${symbol}, @${type.kind === 'function' ? 'function' : 'object'}`, `\t.set ${symbol}, ${alias}`);
  }
  if (hidden && linkage !== 'local') lines.push(`\t.hidden ${symbol}`);
  if (array !== undefined)
    lines.push(`\t.section ${array.section},"aw",@${array.kind}`, '\t.balign 8', `\t.dword ${symbol}`);
  return lines;
}

function printHead(printer: Printer, { global }: TypedFunction): void {
  const { symbol, linkage, section = '.text', alignment } = global;
  printer.lines.push(section === '.text' ? '\t.text' : `\t.section ${section},"ax",@progbits`);
  if (linkage !== 'local') printer.lines.push(`\t.${linkage === 'weak' ? 'weak' : 'globl'} ${symbol}`);
  printer.lines.push(`\t.balign ${Math.max(alignment, 4)}`, `\t.type ${symbol}, @function`);
}

/** A naked function is its assembly, and nothing else. */
function printNaked(printer: Printer, fn: TypedFunction): void {
  const { body } = fn;
  const statements = body.kind === 'compound' ? body.statements : [];
  for (const each of statements) {
    if (each.kind !== 'asm') continue;
    printPlace(printer, each.at);
    const text = each.extended ? each.template.replaceAll('%%', '%') : each.template;
    printer.lines.push(...text.split('\n').map((line) => `\t${line.trim()}`));
  }
}

/** What a debugger may be told of it. */
function printCode(printer: Printer, { fn, ir }: Lowered, pool: ConstantPool): FunctionCode {
  printHead(printer, fn);
  const { symbol } = fn.global;
  printPlace(printer, fn.at);
  printer.lines.push(`${symbol}:`);
  const code = { fn, scope: ir.scope, start: symbol };
  if (fn.naked) {
    printNaked(printer, fn);
    const end = `.LV${printer.unique++}`;
    printer.lines.push(`${end}:`);
    return { ...code, end, runs: [], frame: undefined };
  }
  const machine = selectFunction(ir, pool, printer.debug);
  allocate(machine);
  const frame = finishFrame(machine);
  orderBlocks(machine);
  const runs = printFunction(printer, machine);
  return { ...code, end: runs.at(-1)?.end ?? symbol, runs, frame };
}

/** Below the code: what debuggers read. */
function printDebug(printer: Printer, file: string, program: TypedProgram, functions: FunctionCode[]): string[] {
  const definitions = new Map(program.functions.map((fn): [string, TypedFunction] => [fn.global.symbol, fn]));
  const { objects } = program;
  return debugLines({ file, functions, objects, definitions, fileNumber: (name) => fileNumber(printer, name) });
}

export interface GenerateOptions {
  readonly optimize: boolean;
  readonly pic: boolean;
  /** Functions, variables and types for debuggers; the code is the same without. */
  readonly debug: boolean;
  /** Functions without assembly, and data, are left out. */
  readonly checkOnly: boolean;
  /** Name of the C file. */
  readonly file: string;
  readonly sourceLine?: SourceLine;
}

/** What other files may see, and all that it needs; to check, only what holds assembly, unless that may name anything. */
function wantedOf(program: TypedProgram, lowered: readonly Lowered[], checkOnly: boolean): Set<Global> {
  const wanted = reachable(program, lowered);
  if (!checkOnly || program.assembly.length > 0) return wanted;
  const assembly = lowered.filter(({ fn, ir }) => wanted.has(fn.global) && (fn.naked || holdsAssembly(ir)));
  return new Set(assembly.map(({ fn }) => fn.global));
}

export function generate(program: TypedProgram, reporter: Reporter, options: GenerateOptions): string {
  const { optimize, pic, sourceLine, debug, checkOnly, file } = options;
  const strings = createStrings();
  const lowered = lowerAll(program, strings, reporter);
  if (optimize) inlineAll(lowered, pic);
  if (reporter.failed) return '';
  const wanted = wantedOf(program, lowered, checkOnly);
  const printer = createPrinter(debug, sourceLine);
  const pool = createPool(pic, program.globals);
  // The unit's own source comes first, whatever the first function comes from.
  if (debug) fileNumber(printer, file);
  if (pic) printer.lines.push('\t.option pic');
  for (const { text } of program.assembly) printer.lines.push('\t.text', ...text.split('\n'));
  const codes: FunctionCode[] = [];
  for (const each of lowered) {
    if (!wanted.has(each.fn.global)) continue;
    if (optimize) optimizeFunction(each.ir);
    else finishFunction(each.ir);
    codes.push(printCode(printer, each, pool));
  }
  const objects = program.objects.filter(({ global }) => wanted.has(global));
  for (const object of objects) printer.lines.push(...printObject(object, strings, pic));
  printer.lines.push(...program.globals.filter((each) => wanted.has(each)).flatMap(printExtras));
  const told = debug ? printDebug(printer, file, { ...program, objects }, codes) : [];
  return [...printer.lines, ...strings.print(), ...pool.print(), ...told, ''].join('\n');
}
