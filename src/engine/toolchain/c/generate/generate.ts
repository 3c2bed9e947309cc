/** A checked program → assembly text. */
import type { Reporter } from '../../diagnostics.ts';
import { evaluate } from '../check/constant.ts';
import type { Global, TypedFunction, TypedObject, TypedProgram } from '../check/tree.ts';
import type { IrFunction } from '../ir/ir.ts';
import { lowerFunction } from '../ir/lower.ts';
import { optimizeFunction, prepareFunction } from '../optimize/optimize.ts';
import { allocate } from './allocate.ts';
import { createStrings, printObject, type StringPool } from './data.ts';
import { finishFrame } from './frame.ts';
import { orderBlocks } from './order.ts';
import { createPrinter, type Printer, printFunction, printPlace } from './print.ts';
import { selectFunction } from './select.ts';
import type { ConstantPool } from './selector.ts';

interface Pool extends ConstantPool {
  print(): string[];
}

function createPool(): Pool {
  const labels = new Map<string, string>();
  const lines: string[] = [];
  return {
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
  readonly referenced: ReadonlySet<Global>;
}

function lowerAll({ functions }: TypedProgram, strings: StringPool, reporter: Reporter): Lowered[] {
  const lowered = functions.map((fn) => {
    const referenced = new Set<Global>();
    const ir = lowerFunction(fn, { reporter, strings, referenced });
    return { fn, ir, referenced };
  });
  const bySymbol = new Map(lowered.map(({ ir }): [string, IrFunction] => [ir.name, ir]));
  for (const { ir } of lowered) prepareFunction(ir, bySymbol);
  return lowered;
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
  const named = program.assembly.map(({ text }) => text).join('\n');
  const roots = program.globals.filter(
    ({ linkage, kept, symbol }) => linkage !== 'local' || kept || named.includes(symbol),
  );
  const seen = new Set<Global>();
  const stack = [...roots];
  for (let global = stack.pop(); global !== undefined; global = stack.pop()) {
    if (seen.has(global)) continue;
    seen.add(global);
    stack.push(...(functions.get(global)?.referenced ?? []));
    const object = objects.get(global);
    if (object !== undefined) stack.push(...pointedTo(object));
  }
  return seen;
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

function printCode(printer: Printer, { fn, ir }: Lowered, pool: ConstantPool): void {
  printHead(printer, fn);
  const { symbol } = fn.global;
  printPlace(printer, fn.at);
  printer.lines.push(`${symbol}:`);
  if (fn.naked) {
    printNaked(printer, fn);
    return;
  }
  const machine = selectFunction(ir, pool);
  allocate(machine);
  finishFrame(machine);
  orderBlocks(machine);
  printFunction(printer, machine);
}

export function generate(program: TypedProgram, reporter: Reporter): string {
  const strings = createStrings();
  const lowered = lowerAll(program, strings, reporter);
  if (reporter.failed) return '';
  const wanted = reachable(program, lowered);
  const printer = createPrinter();
  const pool = createPool();
  for (const { text } of program.assembly) printer.lines.push('\t.text', ...text.split('\n'));
  for (const each of lowered) {
    if (!wanted.has(each.fn.global)) continue;
    optimizeFunction(each.ir);
    printCode(printer, each, pool);
  }
  for (const object of program.objects)
    if (wanted.has(object.global)) printer.lines.push(...printObject(object, strings));
  return [...printer.lines, ...strings.print(), ...pool.print(), ''].join('\n');
}
