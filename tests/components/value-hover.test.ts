import { describe, expect, it } from 'vitest';
import { askedAt, sayExpression, sayRegister, saySymbol } from '../../src/components/editor/value-hover.ts';

/** `|` stands where the pointer is. */
const asked = (file: string, text: string): string | undefined =>
  askedAt(file, text.replace('|', ''), text.indexOf('|') + 1)?.text;

describe('under the pointer', () => {
  it.each([
    ['m.c', '  total += p->ne|xt->pid;', 'p->next'],
    ['m.c', '  total += p->next->p|id;', 'p->next->pid'],
    ['m.c', '  to|tal += p->pid;', 'total'],
    ['m.c', '  x = list[3].na|me;', 'list[3].name'],
    ['m.c', '  retu|rn x;', undefined],
    ['m.c', '  puts("to|tal");', undefined],
    ['m.c', '  x = 1; // to|tal', undefined],
    ['a.S', '\taddi a|0, a0, 1', 'a0'],
    ['a.S', '\tla t0, ti|cks', 'ticks'],
    ['a.S', '\tnop # ti|cks', undefined],
  ])('%s: %s is %s', (file, text, wanted) => {
    expect(asked(file, text)).toBe(wanted);
  });
});

describe('what is said', () => {
  it('of a register is its value, signed, and where it points', () => {
    const symbolize = (address: bigint): string => (address === 0x80n ? 'ticks' : `0x${address.toString(16)}`);
    expect(sayRegister('a0', 0xffff_ffff_ffff_fffen, symbolize)).toContain('-2');
    expect(sayRegister('a0', 0x80n, symbolize)).toContain('`ticks`');
  });

  it('of a symbol is where it lies and what stands there, if that can be read', () => {
    expect(saySymbol('ticks', 0x8000_0000n, [1, 2, 0, 0, 0, 0, 0, 0])).toContain('0x201');
    expect(saySymbol('ticks', 0x10n, [undefined])).not.toContain('double-word');
  });

  it('of an expression is its value with its parts, and nothing of one that means nothing here', () => {
    const value = {
      name: 'p',
      path: 'p',
      type: 'struct process *',
      text: '0x1',
      hasChildren: true,
      address: undefined,
      parameter: false,
    };
    const said = sayExpression('p', { ok: true, value, children: [{ ...value, name: 'pid', text: '4' }] });
    expect(said).toContain('p = 0x1');
    expect(said).toContain('  pid = 4');
    expect(sayExpression('p', { ok: false, message: 'no' })).toBeUndefined();
  });
});
