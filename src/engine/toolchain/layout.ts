/** Gives every fragment its offset: alignments get their padding, and branches that do not reach grow. */
import { fieldRange } from '../isa/encoding.ts';
import type { Reporter, Span } from './diagnostics.ts';
import { evaluate, offsetOf } from './evaluate.ts';
import { leb128Size } from './leb128.ts';
import { relocationShapes } from './relocations.ts';
import { type Fragment, type Section, sizeLimit, type Tail } from './sections.ts';

const shape = relocationShapes.R_RISCV_BRANCH;
const branchRange = 'field' in shape ? fieldRange(shape.field) : { min: 0, max: 0 };

/** After this many rounds every branch becomes long, so that the end is certain. */
const patientRounds = 50;
const maxRounds = 100;

/** Errors are reported when the sizes have settled. False if there was one: the sizes then mean nothing. */
export function layOut(sections: readonly Section[], reporter: Reporter): boolean {
  // A branch that once looked too far stays long: start from offsets with every tail at its smallest.
  for (const section of sections) placeFragments(section);
  let changed = true;
  let fine = true;
  const error: Reporter['error'] = (span, message, hint) => {
    fine = false;
    reporter.error(span, message, hint);
  };
  let rounds = 0;
  while (changed && rounds < maxRounds) {
    changed = false;
    for (const section of sections) changed = round(section, rounds >= patientRounds) || changed;
    rounds++;
  }
  for (const section of sections) {
    for (const fragment of section.fragments) check(fragment, error, changed);
    if (section.size > sizeLimit(section)) {
      fine = false;
      const at = sizeSpan(section);
      if (at !== undefined) error(at, `section \`${section.name}\` is too large`);
    }
  }
  return fine;
}

const sizeSpan = (section: Section): Span | undefined =>
  section.fragments
    .map((fragment) => fragment.tail)
    .find((tail) => tail !== undefined && 'at' in tail && tail.kind !== 'branch')?.at;

function placeFragments(section: Section): void {
  let offset = 0;
  for (const fragment of section.fragments) {
    fragment.offset = offset;
    const { tail } = fragment;
    fragment.tailSize =
      tail?.kind === 'branch' ? 4 : tail?.kind === 'space' && typeof tail.size === 'number' ? tail.size : 0;
    offset += fragment.length + fragment.tailSize;
  }
  section.size = offset;
}

function round(section: Section, impatient: boolean): boolean {
  let changed = false;
  let offset = 0;
  for (const fragment of section.fragments) {
    if (fragment.offset !== offset) changed = true;
    fragment.offset = offset;
    offset += fragment.length;
    const size = fragment.tail === undefined ? 0 : tailSize(fragment, fragment.tail, offset, impatient);
    if (size !== fragment.tailSize) changed = true;
    fragment.tailSize = size;
    offset += size;
  }
  section.size = offset;
  return changed;
}

function tailSize(fragment: Fragment, tail: Tail, offset: number, impatient: boolean): number {
  switch (tail.kind) {
    case 'align': {
      const padding = (tail.alignment - (offset % tail.alignment)) % tail.alignment;
      return tail.most > 0 && padding > tail.most ? 0 : padding;
    }
    case 'space':
      return typeof tail.size === 'number' ? tail.size : clamp(spaceSize(tail));
    case 'org':
      return clamp((orgTarget(fragment, tail) ?? offset) - offset);
    case 'branch':
      return fragment.tailSize === 8 || impatient || !branchReaches(fragment, tail, offset) ? 8 : 4;
    case 'leb128':
      return leb128Size(numberOf(tail.value) ?? 0n, tail.signed);
  }
}

const numberOf = (node: Parameters<typeof evaluate>[0]): bigint | undefined => {
  const result = evaluate(node, true);
  if (result.kind !== 'value' || result.value.plus !== undefined || result.value.minus !== undefined) return undefined;
  return result.value.number;
};

/** Far more than any limit, so that nothing overflows before the error is told. */
const clamp = (size: number): number => Math.min(Math.max(size, 0), 2 ** 40);

const spaceSize = (tail: Tail & { kind: 'space' }): number =>
  typeof tail.size === 'number' ? tail.size : Number(numberOf(tail.size) ?? 0n);

/** The offset that `.org` goes to, or undefined if that is not in this section. */
function orgTarget(fragment: Fragment, tail: Tail & { kind: 'org' }): number | undefined {
  const result = evaluate(tail.to, true);
  if (result.kind !== 'value' || result.value.minus !== undefined) return undefined;
  const { plus, number } = result.value;
  if (plus === undefined) return Number(number);
  const { definition } = plus;
  if (definition?.kind !== 'label' || definition.fragment.section !== fragment.section) return undefined;
  return offsetOf(definition) + Number(number);
}

/**
 * As GNU as does: only a label of the same section that nobody can override is known to be near. All others get the
 * long form.
 */
function branchReaches(fragment: Fragment, tail: Tail & { kind: 'branch' }, offset: number): boolean {
  const result = evaluate(tail.target, true);
  if (result.kind !== 'value' || result.value.minus !== undefined) return false;
  const { plus, number } = result.value;
  const definition = plus?.definition;
  if (definition?.kind !== 'label' || plus?.binding === 'weak') return false;
  if (definition.fragment.section !== fragment.section) return false;
  const distance = offsetOf(definition) + Number(number) - offset;
  return distance >= branchRange.min && distance <= branchRange.max;
}

function check(fragment: Fragment, error: Reporter['error'], unsettled: boolean): void {
  const { tail } = fragment;
  if (tail === undefined) return;
  if (tail.kind === 'space' && typeof tail.size !== 'number') {
    const size = numberOf(tail.size);
    const problem = evaluate(tail.size, true);
    if (problem.kind === 'error') error(tail.at, problem.message);
    else if (size === undefined) error(tail.at, 'the size must be a number, and not the address of a label');
    else if (size < 0n) error(tail.at, `the size is ${size}; it cannot be negative`);
    else if (unsettled) error(tail.at, 'the size depends on itself');
  }
  if (tail.kind === 'leb128' && numberOf(tail.value) === undefined) {
    error(tail.at, 'the value must be a number or a distance between labels of one section');
  }
  if (tail.kind === 'org') {
    const to = orgTarget(fragment, tail);
    const from = fragment.offset + fragment.length;
    if (to === undefined) error(tail.at, '`.org` needs an offset, or a label of this section');
    else if (to < from)
      error(tail.at, `\`.org\` cannot go back: 0x${Math.max(to, 0).toString(16)} is before 0x${from.toString(16)}`);
  }
}
