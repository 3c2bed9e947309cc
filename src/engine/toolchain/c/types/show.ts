/** Types in words of C, for messages. */
import type { CType, Qualified } from './types.ts';

function words({ const: isConst, volatile, atomic }: Qualified): string {
  return [isConst && 'const', volatile && 'volatile', atomic && '_Atomic'].filter(Boolean).join(' ');
}

function baseName(type: CType): string {
  switch (type.kind) {
    case 'integer':
      return type.enumeration === undefined ? type.name : `enum ${type.enumeration}`.trim();
    case 'floating':
      return type.name;
    case 'record':
      return `${type.definition.union ? 'union' : 'struct'} ${type.definition.tag ?? '{ … }'}`;
    case 'broken':
      return '?';
    default:
      return type.kind;
  }
}

/** The type with `inner` where the name of a variable would stand. */
function declare(type: CType, inner: string): string {
  const spaced = inner === '' ? '' : ` ${inner}`;
  if (type.kind === 'pointer') {
    const qualifiers = words(type);
    const star = `*${qualifiers}${qualifiers !== '' && inner !== '' ? ' ' : ''}${inner}`;
    return declare(type.to, type.to.kind === 'array' || type.to.kind === 'function' ? `(${star})` : star);
  }
  if (type.kind === 'array') return declare(type.of, `${inner}[${type.length ?? ''}]`);
  if (type.kind === 'function') {
    const list = type.parameters.map(showType);
    if (type.variadic) list.push('...');
    const parameters = list.length === 0 && !type.unknown ? 'void' : list.join(', ');
    return declare(type.returns, `${inner}(${parameters})`);
  }
  return [words(type), `${baseName(type)}${spaced}`].filter((text) => text !== '').join(' ');
}

export const showType = (type: CType): string => declare(type, '');
/** In quotes, as messages have it. */
export const quoteType = (type: CType): string => `\`${showType(type)}\``;
