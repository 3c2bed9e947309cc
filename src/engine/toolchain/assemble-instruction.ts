/** A statement that is an instruction: finds the form that its operands fit, and emits it. */
import { type Cursor, cursorSpan, mistakeAt, peek, splitAtCommas } from './cursor.ts';
import { Mistake } from './diagnostics.ts';
import { markCode } from './directives/line.ts';
import { emitForm } from './emit.ts';
import { type Form, formsByName, registerFormOf, splitOrdering } from './forms.ts';
import { type Fields, parseOperand } from './operands.ts';
import { type Statement, wholeSpan } from './scan.ts';
import type { Section } from './sections.ts';
import { type Special, specials, specialsByName } from './special.ts';
import { didYouMean } from './suggest.ts';
import type { Token } from './tokens.ts';
import type { Unit } from './unit.ts';

type Candidate = { readonly form: Form } | { readonly special: Special };

const operandsOf = (candidate: Candidate): readonly string[] =>
  'form' in candidate ? candidate.form.operands : candidate.special.operands;

const isFinal = (name: string): boolean => name === 'li';

/** `li` as a row is only for the disassembler: the special one covers every constant. */
function candidatesFor(name: string): Candidate[] {
  const ofForms = isFinal(name) ? [] : (formsByName.get(name) ?? []).map((form): Candidate => ({ form }));
  const ofSpecials = (specialsByName.get(name) ?? []).map((special): Candidate => ({ special }));
  return [...ofForms, ...ofSpecials];
}

const candidateCache = new Map<string, readonly Candidate[]>();

function candidatesNamed(name: string): readonly Candidate[] {
  const known = candidateCache.get(name);
  if (known !== undefined) return known;
  const found = candidatesFor(name);
  if (found.length > 0) candidateCache.set(name, found);
  return found;
}

function instructionNames(): string[] {
  return [...new Set([...formsByName.keys(), ...specials.map((special) => special.name)])];
}

interface Attempt {
  readonly fields: Fields;
  readonly mistake: Mistake | undefined;
  /** Operands that were read without one. */
  readonly read: number;
}

function tryOperands(operands: readonly string[], parts: readonly Cursor[], unit: Unit): Attempt {
  const fields: Fields = {};
  for (const [index, operand] of operands.entries()) {
    const part = parts[index];
    if (part === undefined) break;
    try {
      parseOperand(operand, { ...part }, unit, fields);
    } catch (thrown) {
      if (thrown instanceof Mistake) return { fields, mistake: thrown, read: index };
      throw thrown;
    }
  }
  return { fields, mistake: undefined, read: operands.length };
}

/** Assembles the instruction `mnemonic` with the operands at the cursor; throws a `Mistake`. */
export function assembleInstruction(unit: Unit, mnemonic: Token, cursor: Cursor): void {
  const { name, bits } = splitOrdering(mnemonic.text);
  const candidates = candidatesNamed(name);
  if (candidates.length === 0) throw unknownInstruction(unit, mnemonic);
  if (!unit.mayCompress && name.startsWith('c.')) {
    throw mistakeAt(mnemonic, `\`${name}\` is compressed, and \`.option norvc\` forbids that`, 'write `.option rvc`');
  }
  const parts = splitAtCommas(cursor);
  const fitting = candidates.filter((candidate) => operandsOf(candidate).length === parts.length);
  if (fitting.length === 0) throw wrongCount(mnemonic, name, candidates, parts);
  let best: Attempt | undefined;
  for (const candidate of fitting) {
    const attempt = tryOperands(operandsOf(candidate), parts, unit);
    if (best !== undefined && isOtherName(candidate, name) && namesNothing(attempt.fields)) continue;
    if (attempt.mistake === undefined) {
      const fields: Fields = attempt.fields;
      for (const [field, value] of Object.entries(bits)) {
        fields[field] = { kind: 'number', value: BigInt(value), start: 0, end: 0 };
      }
      emitCandidate(unit, candidate, fields, cursor);
      return;
    }
    if (best === undefined || attempt.read > best.read) best = attempt;
  }
  const mistake = best?.mistake ?? mistakeAt(mnemonic, 'these operands do not fit');
  throw withBetterHint(mistake, name, parts);
}

/** Code among data is a forgotten `.text` more often than an intention. */
function warnOnce(unit: Unit, section: Section, statement: Statement): void {
  if (unit.warned.has(section)) return;
  unit.warned.add(section);
  const message = `instructions in \`${section.name}\`, which is not for code`;
  unit.reporter.warn(wholeSpan(statement), message, 'write `.text` before them');
}

/** The form with an immediate of an instruction that was written with its register name: `add a0, a1, 4`. */
const isOtherName = (candidate: Candidate, name: string): boolean =>
  'form' in candidate && candidate.form.name !== name;

/** A name that nothing defines is a misspelt register sooner than an immediate. */
const namesNothing = (fields: Fields): boolean =>
  Object.values(fields).some(
    (value) =>
      value.kind === 'expression' && value.node.kind === 'symbol' && value.node.symbol.definition === undefined,
  );

function emitCandidate(unit: Unit, candidate: Candidate, fields: Fields, cursor: Cursor): void {
  const { section } = unit;
  const { statement } = cursor;
  if (section.flags.nobits) {
    throw new Mistake(
      `instructions cannot stand in ${section.name}`,
      0,
      statement.text.length,
      'write `.text` before them',
    );
  }
  if (!section.flags.execute && !section.explicit) section.flags = { ...section.flags, execute: true, write: false };
  if (!section.flags.execute) warnOnce(unit, section, statement);
  section.alignment = Math.max(section.alignment, 4);
  markCode(unit, statement);
  if ('form' in candidate) emitForm(unit, statement, candidate.form, fields);
  else candidate.special.emit(unit, statement, fields);
}

function withBetterHint(mistake: Mistake, name: string, parts: readonly Cursor[]): Mistake {
  const address = parts[1] === undefined ? undefined : peek(parts[1]);
  const scratch = address?.kind === 'name' ? scratchHint(name, parts.length) : undefined;
  if (scratch !== undefined && address?.start === mistake.start) {
    return new Mistake(mistake.message, mistake.start, mistake.end, scratch);
  }
  // `addi a0, a1, a2` is meant to be `add`.
  const other = registerFormOf(name);
  if (other === undefined || mistake.hint !== undefined || !mistake.message.includes('is a register')) return mistake;
  return new Mistake(mistake.message, mistake.start, mistake.end, `for a register, use \`${other}\``);
}

function wrongCount(
  mnemonic: Token,
  name: string,
  candidates: readonly Candidate[],
  parts: readonly Cursor[],
): Mistake {
  const syntaxes = [...new Set(candidates.map((candidate) => operandsOf(candidate).join(', ')))];
  const [first = ''] = syntaxes;
  const wanted = candidates[0] === undefined ? 0 : operandsOf(candidates[0]).length;
  const plural = wanted === 1 ? 'operand' : 'operands';
  const takes =
    syntaxes.length > 1
      ? `takes the operands ${syntaxes.map((syntax) => (syntax === '' ? 'none' : `\`${syntax}\``)).join(' or ')}`
      : wanted === 0
        ? 'takes no operands'
        : `takes ${wanted} ${plural}: ${first}`;
  const message = `\`${name}\` ${takes}; here ${parts.length === 1 ? 'is 1' : `are ${parts.length}`}`;
  const surplus = parts[wanted];
  if (syntaxes.length === 1 && surplus !== undefined) {
    const span = cursorSpan(surplus);
    const width = Math.max(span.endColumn - span.column, 1);
    const start = surplus.tokens[surplus.index]?.start ?? mnemonic.start;
    return new Mistake(message, start, start + width, scratchHint(name, parts.length));
  }
  return mistakeAt(mnemonic, message, missingComma(parts) ?? scratchHint(name, parts.length));
}

/** Two words side by side in one operand. */
function missingComma(parts: readonly Cursor[]): string | undefined {
  for (const part of parts) {
    for (let index = part.index + 1; index < part.end; index++) {
      const [before, after] = [part.tokens[index - 1], part.tokens[index]];
      if (before?.kind === 'name' && (after?.kind === 'name' || after?.kind === 'number')) {
        return `a comma is missing before \`${after.text}\``;
      }
    }
  }
  return undefined;
}

function scratchHint(name: string, given: number): string | undefined {
  const special = specialsByName.get(name)?.[0];
  if (given !== 2 || special?.operands.length !== 3) return undefined;
  return `to store to a symbol, name a scratch register: \`${name} a0, symbol, t0\``;
}

/** Other assemblers' words for what is here called otherwise. */
const otherDialects: Readonly<Record<string, string>> = {
  mov: 'use `mv rd, rs` for a register, `li rd, number` for a constant',
  move: 'use `mv rd, rs`',
  jmp: 'use `j label`',
  b: 'use `j label`',
  bl: 'use `call label`',
  push: 'there is no stack instruction: `addi sp, sp, -16` and `sd ra, 8(sp)`',
  pop: 'there is no stack instruction: `ld ra, 8(sp)` and `addi sp, sp, 16`',
  syscall: 'use `ecall`',
  int: 'use `ecall`',
  hlt: 'use `wfi`',
  halt: 'use `wfi`',
  iret: 'use `sret` or `mret`',
  eret: 'use `sret` or `mret`',
  uret: 'user-level traps are not part of the architecture any more; use `sret` or `mret`',
  subi: 'use `addi` with a negative number',
  subiw: 'use `addiw` with a negative number',
  inc: 'use `addi rd, rd, 1`',
  dec: 'use `addi rd, rd, -1`',
  cmp: 'branches compare for themselves: `beq`, `blt`, …',
};

function unknownInstruction(unit: Unit, mnemonic: Token): Mistake {
  const written = mnemonic.text;
  const lower = written.toLowerCase();
  const message = `unknown instruction \`${written}\``;
  if (lower !== written && candidatesNamed(lower).length > 0) {
    return mistakeAt(mnemonic, message, `instructions are in lower case: \`${lower}\``);
  }
  const other = otherDialects[lower];
  if (other !== undefined) return mistakeAt(mnemonic, message, other);
  const names = [...instructionNames(), ...[...unit.macros.values()].map((macro) => macro.name)];
  return mistakeAt(mnemonic, message, didYouMean(written, names));
}
