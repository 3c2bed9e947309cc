/** An effect as a reader would write it on paper. */
import { sourceOf } from './binding.ts';
import type { BinaryOp, CompareOp, Expr } from './expression.ts';
import { raises } from './float-effect.ts';
import { floatText } from './float-text.ts';
import type { Effect, Instruction, Primitive } from './instruction.ts';
import { abiNames } from './registers.ts';

/** Binding strength as in C, loosest first; functions and leaves bind tightest. */
const ranks: Partial<Record<Expr['op'], number>> = {
  select: 1,
  or: 2,
  xor: 3,
  and: 4,
  eq: 5,
  ne: 5,
  lt: 6,
  ge: 6,
  ltu: 6,
  geu: 6,
  sll: 7,
  srl: 7,
  sra: 7,
  add: 8,
  sub: 8,
  mul: 9,
};
const tightest = 10;
const rankOfSum = 8;
const isComparison = (op: Expr['op']): boolean => ranks[op] === 5 || ranks[op] === 6;

/** Unsigned and arithmetic variants carry a mark where the plain sign would not say which is meant. */
const infix: Partial<Record<BinaryOp | CompareOp, string>> = {
  add: '+',
  sub: '−',
  and: '&',
  or: '|',
  xor: '^',
  sll: '<<',
  srl: '>>ᵤ',
  sra: '>>ₛ',
  mul: '×',
  eq: '=',
  ne: '≠',
  lt: '<ₛ',
  ge: '≥ₛ',
  ltu: '<ᵤ',
  geu: '≥ᵤ',
};

/** Exclusive or with all ones. */
const isInversion = (expr: Expr): boolean => expr.op === 'xor' && expr.b.op === 'const' && expr.b.value === -1n;

const rankOf = (expr: Expr): number => (isInversion(expr) ? tightest : (ranks[expr.op] ?? tightest));

const within = (expr: Expr, rank: number): string =>
  rankOf(expr) < rank ? `(${expressionText(expr)})` : expressionText(expr);

const bitsOf = (bytes: number): number => 8 * bytes;

const memoryText = (bytes: number, address: Expr): string => `mem${bitsOf(bytes)}[${expressionText(address)}]`;

function expressionText(expr: Expr): string {
  switch (expr.op) {
    case 'const':
      return constantText(expr.value);
    case 'register':
    case 'field':
      return expr.name;
    case 'pc':
      return 'pc';
    case 'next':
      return 'next pc';
    case 'memory':
      return 'old';
    case 'sext':
    case 'zext':
      return `${expr.op}${expr.bits}(${expressionText(expr.a)})`;
    case 'box':
    case 'unbox':
      return `${expr.op}(${expressionText(expr.a)})`;
    case 'float':
      return floatText(expr, (operand) => within(operand, tightest));
    case 'select': {
      const { condition, a, b } = expr;
      return `${within(condition, 2)} ? ${within(a, 2)} : ${within(b, 2)}`;
    }
    case 'load': {
      const text = memoryText(expr.bytes, expr.address);
      if (expr.bytes === 8) return text;
      return expr.signed ? `sext${bitsOf(expr.bytes)}(${text})` : `zext${bitsOf(expr.bytes)}(${text})`;
    }
    case 'clz':
    case 'ctz':
    case 'cpop':
    case 'orcb':
    case 'rev8':
      return `${expr.op}(${expressionText(expr.a)})`;
    default: {
      const rank = rankOf(expr);
      if (isInversion(expr)) return `~${within(expr.a, tightest)}`;
      const sign = infix[expr.op];
      if (sign === undefined) return `${expr.op}(${expressionText(expr.a)}, ${expressionText(expr.b)})`;
      // Nobody should have to remember how `+` binds against `&`; only sums, products and comparisons go without.
      const clear = rank >= rankOfSum || isComparison(expr.op);
      return `${within(expr.a, clear ? rank : tightest)} ${sign} ${within(expr.b, clear ? rank + 1 : tightest)}`;
    }
  }
}

function constantText(value: bigint): string {
  if (value < -9n || value > 99n) return `0x${BigInt.asUintN(64, value).toString(16)}`;
  return value < 0n ? `−${-value}` : String(value);
}

/** A conditional branch reads better than a choice of two pcs. */
function pcLine(pc: Expr): string {
  if (pc.op === 'select' && pc.b.op === 'next')
    return `if ${expressionText(pc.condition)}: pc ← ${expressionText(pc.a)}`;
  return `pc ← ${expressionText(pc)}`;
}

function primitiveLines(does: Primitive): string[] {
  switch (does.kind) {
    case 'amo': {
      const memory = `mem${bitsOf(does.bytes)}[rs1]`;
      const old = does.bytes === 8 ? memory : `sext${bitsOf(does.bytes)}(${memory})`;
      return [`old ← ${old}, atomically with the store`, 'rd ← old', `${memory} ← ${expressionText(does.combine)}`];
    }
    case 'lr':
      return [
        `rd ← ${does.bytes === 8 ? '' : 'sext32('}mem${bitsOf(does.bytes)}[rs1]${does.bytes === 8 ? '' : ')'}`,
        'reserve rs1',
      ];
    case 'sc': {
      return [`if rs1 is reserved: mem${bitsOf(does.bytes)}[rs1] ← rs2, rd ← 0`, 'else: rd ← 1', 'end the reservation'];
    }
    case 'csr': {
      const source = expressionText(does.source);
      const written = { write: source, set: `csr | ${source}`, clear: `csr & ~${source}` }[does.access];
      return ['rd ← csr', `csr ← ${written}`];
    }
    case 'hlv': {
      const memory = `guest mem${bitsOf(does.bytes)}[rs1]`;
      if (does.bytes === 8) return [`rd ← ${memory}`];
      return [`rd ← ${does.signed ? 'sext' : 'zext'}${bitsOf(does.bytes)}(${memory})`];
    }
    case 'hsv':
      return [`guest mem${bitsOf(does.bytes)}[rs1] ← rs2`];
    case 'gh.readstatus':
      return ['rd ← sstatus'];
    case 'gh.writestatus':
      return ['if not in U-mode: sstatus ← rs1'];
    case 'marker':
      return ['nothing changes'];
    case 'hfence.vvma':
      return ['order earlier stores to first-stage page tables before later translations of the guest'];
    case 'hfence.gvma':
      return ['order earlier stores to second-stage page tables before later translations of guests'];
    case 'ecall':
      return ['trap: environment call'];
    case 'ebreak':
      return ['trap: breakpoint'];
    case 'mret':
      return ['pc ← mepc', 'privilege ← mstatus.MPP', 'mstatus.MIE ← mstatus.MPIE'];
    case 'sret':
      return ['pc ← sepc', 'privilege ← sstatus.SPP', 'sstatus.SIE ← sstatus.SPIE'];
    case 'wfi':
      return ['wait for an interrupt'];
    case 'fence':
      return ['order the accesses in pred before those in succ'];
    case 'fence.i':
      return ['order earlier stores before later instruction fetches'];
    case 'sfence.vma':
      return ['order earlier page-table stores before later translations'];
    case 'sinval.vma':
      return ['forget translations, between sfence.w.inval and sfence.inval.ir'];
    case 'sfence.w.inval':
      return ['order earlier page-table stores before later sinval.vma'];
    case 'sfence.inval.ir':
      return ['order earlier sinval.vma before later translations'];
    case 'cbo.inval':
      return ['drop the cache block at rs1'];
    case 'cbo.clean':
      return ['write the cache block at rs1 to memory'];
    case 'cbo.flush':
      return ['write the cache block at rs1 to memory and drop it'];
    case 'cbo.zero':
      return ['mem[rs1 & −64 … rs1 | 63] ← 0'];
  }
}

/** Simultaneous assignments, one a line. */
export function effectLines(row: Instruction): string[] {
  const effect = inOwnOperands(row);
  const { rd, frd, pc, store, does } = effect;
  const lines: string[] = [];
  if (rd !== undefined && !isZero(row, 'rd')) lines.push(`${ownName(row, 'rd')} ← ${expressionText(rd)}`);
  if (frd !== undefined) lines.push(`${ownName(row, 'frd')} ← ${expressionText(frd)}`);
  const flags = raises(effect);
  if (flags.length > 0) lines.push(`fflags ← fflags | raised (of ${flags.join(', ')})`);
  if (pc !== undefined) lines.push(pcLine(pc));
  if (store !== undefined) lines.push(`${memoryText(store.bytes, store.address)} ← ${expressionText(store.value)}`);
  if (does !== undefined) lines.push(...primitiveLines(does));
  return lines.length === 0 ? ['nothing changes'] : lines;
}

function isZero(row: Instruction, name: string): boolean {
  const source = sourceOf(row, name);
  return 'constant' in source && source.constant === 0;
}

function ownName(row: Instruction, name: string): string {
  const source = sourceOf(row, name);
  return 'from' in source ? source.from : (abiNames[source.constant] ?? name);
}

const isConstantZero = (node: unknown): boolean =>
  typeof node === 'object' && node !== null && 'value' in node && node.value === 0n;

/** The effect of a compressed row is its expansion's: the same tree, with the operands named as the row names them. */
function inOwnOperands(row: Instruction): Effect {
  const rename = (node: unknown): unknown => {
    if (typeof node !== 'object' || node === null) return node;
    if ('op' in node && 'name' in node && typeof node.name === 'string') {
      return isZero(row, node.name) ? { op: 'const', value: 0n } : { ...node, name: ownName(row, node.name) };
    }
    const renamed = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, rename(value)]));
    if (renamed.op !== 'add') return renamed;
    return isConstantZero(renamed.a) ? renamed.b : isConstantZero(renamed.b) ? renamed.a : renamed;
  };
  return row.expansion === undefined ? row.effect : (rename(row.effect) as Effect);
}
