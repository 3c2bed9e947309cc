/** Entering names into scopes. */
import type { Span } from '../../diagnostics.ts';
import { compatible } from '../types/conversions.ts';
import type { CType } from '../types/types.ts';
import { type Checker, describePlace, type Entity, innermost, placeOf } from './checker.ts';
import type { Local } from './tree.ts';

/** False, after a report, if the name already means something else in this scope. */
export function declare(checker: Checker, name: string, entity: Entity, at: Span): boolean {
  const { names } = innermost(checker);
  const old = names.get(name);
  if (old !== undefined) {
    checker.reporter.error(at, `\`${name}\` is already declared at ${describePlace(placeOf(old))}`, 'use another name');
    return false;
  }
  names.set(name, entity);
  return true;
}

export function declareConstant(checker: Checker, name: string, value: bigint, type: CType, at: Span): void {
  declare(checker, name, { kind: 'constant', value, type, at }, at);
}

export function declareTypedef(checker: Checker, name: string, type: CType, at: Span): void {
  const old = innermost(checker).names.get(name);
  if (old?.kind === 'typedef' && compatible(old.type, type)) return;
  declare(checker, name, { kind: 'typedef', type, at }, at);
}

export interface LocalWish {
  readonly name: string;
  readonly type: CType;
  readonly at: Span;
  readonly parameter?: boolean;
  readonly alignment?: number;
  readonly register?: string | undefined;
  /** Nobody named it: it is not warned about. */
  readonly hidden?: boolean;
}

export function newLocal(checker: Checker, wish: LocalWish): Local {
  const { name, type, at, parameter = false, alignment = 1, register, hidden = false } = wish;
  const addressed = checker.inMemory && register === undefined;
  const local: Local = {
    name,
    type,
    at,
    parameter,
    alignment,
    register,
    addressed,
    used: hidden,
    negative: false,
    follows: new Set(),
  };
  checker.current?.locals.push(local);
  return local;
}
