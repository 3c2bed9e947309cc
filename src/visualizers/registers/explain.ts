/** What a CSR's value means, in words: from the fields of its row. */
import { causeOf } from '../../engine/isa/causes.ts';
import { bitsMask, csrByName } from '../../engine/isa/csrs.ts';

const modes: Readonly<Record<string, string>> = { '0': 'U', '1': 'S', '3': 'M' };

function fieldValue(value: bigint, high: number, low: number): bigint {
  return (value & bitsMask(high, low)) >> BigInt(low);
}

/** Flags that are set by name, other fields as `name=value`; empty where nothing is set. */
export function explainCsr(name: string, value: bigint): string {
  if (name === 'scause' || name === 'mcause') {
    return causeOf(Number(value & 0xffffn), value >> 63n === 1n).title.toLowerCase();
  }
  const row = csrByName(name);
  if (row === undefined) return '';
  if (row.fields.some(({ high, low }) => high - low > 43 && high === 63)) return '';
  return row.fields
    .map((field) => {
      const part = fieldValue(value, field.high, field.low);
      if (field.name === 'SPP' || field.name === 'MPP') return `${field.name}=${modes[String(part)] ?? part}`;
      if (part === 0n || field.name === 'UXL' || field.name === 'SXL') return '';
      return field.high === field.low ? field.name : `${field.name}=0x${part.toString(16)}`;
    })
    .filter((text) => text !== '')
    .join(' ');
}
