/** Values of the CSRs that traps change, as people read them. */
import { causeOf } from '../../engine/isa/causes.ts';
import { modeName } from '../../engine/isa/privilege.ts';
import { hex } from '../visualizer.ts';
import type { CsrChange } from './csr-changes.ts';

export function csrText(
  { csr, field }: Pick<CsrChange, 'csr' | 'field'>,
  value: bigint,
  symbolize: (address: bigint) => string,
): string {
  if (field === 'MPP' || field === 'SPP' || field === 'SPVP') return `${value} (${modeName(Number(value))})`;
  if (field !== '') return value.toString();
  if (csr.endsWith('cause')) {
    const interrupt = value >> 63n === 1n;
    return `${hex(value)} (${causeOf(Number(value & 0xffffn), interrupt).title})`;
  }
  const name = csr.endsWith('epc') ? symbolize(value) : hex(value);
  return name === hex(value) ? name : `${hex(value)} (${name})`;
}
