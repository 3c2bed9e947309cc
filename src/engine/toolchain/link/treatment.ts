/** How a relocation is dealt with: now, through a table that the loader fills, or by the loader itself. */
import type { RelocationName } from '../relocations.ts';
import type { Binding } from './bind.ts';
import type { Mode } from './mode.ts';

/**
 * `link`: the value is known now. `plt`: the call goes through the procedure linkage table. `got`, `threadOffset`,
 * `threadPair`: it names an entry of the global offset table. `relative`: the loader adds the load address. `symbolic`: the
 * loader stores the symbol's address. `copy`: the address of something in a shared object is needed now, so that a variable
 * is copied into the program, and a function gets the address of its PLT entry. `refused`: impossible in this output.
 */
export type Treatment =
  | 'link'
  | 'plt'
  | 'got'
  | 'threadOffset'
  | 'threadPair'
  | 'relative'
  | 'symbolic'
  | 'copy'
  | 'refused';

const calls: ReadonlySet<RelocationName> = new Set<RelocationName>([
  'R_RISCV_CALL',
  'R_RISCV_CALL_PLT',
  'R_RISCV_JAL',
  'R_RISCV_BRANCH',
  'R_RISCV_RVC_BRANCH',
  'R_RISCV_RVC_JUMP',
  'R_RISCV_PLT32',
]);

/** They hold the address itself, in less than 64 bits. */
const absolutes: ReadonlySet<RelocationName> = new Set<RelocationName>([
  'R_RISCV_HI20',
  'R_RISCV_LO12_I',
  'R_RISCV_LO12_S',
  'R_RISCV_RVC_LUI',
  'R_RISCV_32',
]);

const threadOffsets: ReadonlySet<RelocationName> = new Set<RelocationName>([
  'R_RISCV_TPREL_HI20',
  'R_RISCV_TPREL_LO12_I',
  'R_RISCV_TPREL_LO12_S',
]);

export const isThreadOffset = (type: RelocationName): boolean => threadOffsets.has(type);

/** It is about a variable of which every thread has its own. */
export const isAboutThread = (type: RelocationName): boolean =>
  threadOffsets.has(type) || type === 'R_RISCV_TLS_GOT_HI20' || type === 'R_RISCV_TLS_GD_HI20';

const tables: Partial<Record<RelocationName, Treatment>> = {
  R_RISCV_GOT_HI20: 'got',
  R_RISCV_TLS_GOT_HI20: 'threadOffset',
  R_RISCV_TLS_GD_HI20: 'threadPair',
};

/** `definedHere`: an object of this output defines the symbol, even if another may take its place. */
export function treatmentOf(
  type: RelocationName,
  binding: Binding,
  definedHere: boolean,
  writable: boolean,
  mode: Mode,
): Treatment {
  const byTable = tables[type];
  if (byTable !== undefined) return byTable;
  if (calls.has(type)) return binding === 'dynamic' ? 'plt' : 'link';
  if (type === 'R_RISCV_64') {
    if (binding === 'own') return mode.movable ? 'relative' : 'link';
    if (binding !== 'dynamic') return 'link';
    return writable || mode.kind === 'shared' ? 'symbolic' : 'copy';
  }
  if (absolutes.has(type)) {
    if (binding === 'own') return mode.movable ? 'refused' : 'link';
    if (binding !== 'dynamic') return 'link';
    return mode.movable ? 'refused' : 'copy';
  }
  if (threadOffsets.has(type)) return mode.kind === 'shared' || binding === 'dynamic' ? 'refused' : 'link';
  if (type === 'R_RISCV_PCREL_HI20' || type === 'R_RISCV_32_PCREL') {
    if (binding !== 'dynamic' || definedHere) return 'link';
    return mode.kind === 'shared' ? 'refused' : 'copy';
  }
  return 'link';
}
