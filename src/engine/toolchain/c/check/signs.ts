/**
 * Comparisons of numbers with and without a sign are told only where the signed one may be negative: a counter that begins
 * at 0 and goes up is not. What a variable may be is known when the whole function has been read.
 */
import { isInteger } from '../types/types.ts';
import type { Checker } from './checker.ts';
import { integerConstant } from './constant.ts';
import type { Local, Typed } from './tree.ts';

export interface SignCheck {
  /** The comparison is fine if none of these may be negative. */
  readonly locals: ReadonlySet<Local>;
  readonly warn: () => void;
}

/** Whether the value cannot be negative, as far as the variables put into `locals` cannot. */
export function isNonNegative(node: Typed, locals: Set<Local>): boolean {
  const known = integerConstant(node);
  if (known !== undefined) return known >= 0n;
  if (isInteger(node.type) && !node.type.signed) return true;
  const both = (left: Typed, right: Typed): boolean => isNonNegative(left, locals) && isNonNegative(right, locals);
  switch (node.kind) {
    case 'local':
      locals.add(node.local);
      return true;
    case 'compare':
    case 'logical':
    case 'not':
      return true;
    case 'convert':
      return isWidening(node) && isNonNegative(node.operand, locals);
    case 'conditional':
      return node.whenTrue !== undefined && both(node.whenTrue, node.otherwise);
    case 'comma':
      return isNonNegative(node.right, locals);
    case 'assign':
      return isNonNegative(node.value, locals);
    case 'update':
      return node.op === '+' && both(node.target, node.value);
    case 'arithmetic':
      return isSumNonNegative(node, both, locals);
    default:
      return false;
  }
}

/** A larger number without a sign is cut down only where it is known to fit. */
const isWidening = ({ type, operand }: Typed & { kind: 'convert' }): boolean =>
  isInteger(type) &&
  isInteger(operand.type) &&
  (operand.type.signed ? operand.type.size <= type.size : operand.type.size !== type.size);

type Both = (left: Typed, right: Typed) => boolean;

/** C says that signed sums do not overflow. */
function isSumNonNegative(
  { op, left, right }: Typed & { kind: 'arithmetic' },
  both: Both,
  locals: Set<Local>,
): boolean {
  if (op === '+' || op === '*' || op === '/' || op === '|' || op === '^') return both(left, right);
  if (op === '%' || op === '>>') return isNonNegative(left, locals);
  return op === '&' && (isNonNegative(left, locals) || isNonNegative(right, locals));
}

/** Notes what is assigned to a variable. */
export function noteAssigned(target: Typed, value: Typed | undefined): void {
  if (target.kind !== 'local') return;
  const { local } = target;
  if (value === undefined || !isNonNegative(value, local.follows)) local.negative = true;
}

function mayBeNegative(local: Local, seen: Set<Local>): boolean {
  if (local.negative || local.addressed || local.parameter) return true;
  if (seen.has(local)) return false;
  seen.add(local);
  return [...local.follows].some((each) => mayBeNegative(each, seen));
}

/** At the end of a function. */
export function warnSignChecks({ current }: Checker): void {
  for (const { locals, warn } of current?.signChecks ?? []) {
    if ([...locals].some((local) => mayBeNegative(local, new Set()))) warn();
  }
}
