/** What a CSR's value means, in words: from the fields of its row. */
import { causeOf } from '../../engine/isa/causes.ts';
import { type FieldValue, fieldsOf, fieldText } from './fields.ts';

const causes = new Set(['scause', 'mcause', 'vscause']);
/** Those that hold the address of code. */
const codeAddresses = new Set(['sepc', 'mepc', 'vsepc', 'stvec', 'mtvec', 'vstvec']);
const tables = new Set(['satp', 'vsatp', 'hgatp']);
const delegations = new Set(['medeleg', 'hedeleg']);
/** More of them are only counted. */
const mostNamed = 2;
/** Widths never change on this machine: to name them each time says nothing. */
const widths = /^(V?S|U|M)XL$/;

/** Flags that are set by name, other fields as `name=value`; empty where nothing is set. */
export function explainCsr(name: string, value: bigint, symbolize?: (address: bigint) => string): string {
  if (causes.has(name)) return explainCause(value);
  if (codeAddresses.has(name)) return explainCode(name, value, symbolize);
  const fields = fieldsOf(name, value);
  if (fields.some(({ high, low }) => high - low > 43 && high === 63)) return '';
  if (tables.has(name)) return explainTables(fields);
  if (delegations.has(name)) return explainDelegation(fields);
  return fields
    .map(shortText)
    .filter((text) => text !== '')
    .join(' ');
}

/** Zero is what it holds before the first trap: with C there are no misaligned fetches. */
function explainCause(value: bigint): string {
  if (value === 0n) return '';
  const { title } = causeOf(Number(value & 0xffffn), value >> 63n === 1n);
  return title.charAt(0).toLowerCase() + title.slice(1);
}

function explainCode(name: string, value: bigint, symbolize?: (address: bigint) => string): string {
  if (value === 0n || symbolize === undefined) return '';
  const text = symbolize(value);
  if (!name.endsWith('tvec')) return text.startsWith('0x') ? '' : text;
  const vectored = (value & 3n) === 1n;
  return `${symbolize(value & ~3n)}${vectored ? ', vectored' : ''}`;
}

function explainDelegation(fields: readonly FieldValue[]): string {
  const set = fields.filter(({ value }) => value === 1n);
  if (set.length > mostNamed) return `${set.length} exceptions: ${set.map(({ low }) => low).join(' ')}`;
  return set.map(({ summary }) => summary.split(': ').at(-1) ?? '').join(', ');
}

/** The root table's address is what one looks for in memory. */
function explainTables(fields: readonly FieldValue[]): string {
  const part = (name: string): FieldValue | undefined => fields.find((field) => field.name === name);
  const mode = part('MODE');
  if (mode?.value === 0n) return mode.meaning ?? '';
  const space = part('ASID') ?? part('VMID');
  const root = (part('PPN')?.value ?? 0n) << 12n;
  return `${mode?.meaning ?? ''}, ${space?.name ?? ''} ${space?.value ?? 0n}, root table at 0x${root.toString(16)}`;
}

function shortText(field: FieldValue): string {
  const { name, high, low, value, meaning } = field;
  if (name === 'SPP' || name === 'MPP' || name === 'SPVP') return `${name}=${meaning ?? value}`;
  if (value === 0n || widths.test(name)) return '';
  if (high === low) return name;
  const word = meaning?.split(/[ :(]/)[0];
  return `${name}=${word ?? fieldText(field)}`;
}
