/** Bits of `mstatus` and `hstatus` that the machine acts on. Found by name in the CSR rows. */
import { csrByName } from '../isa/csrs.ts';

function bit(name: string, csr = 'mstatus'): number {
  const field = csrByName(csr)?.fields.find((each) => each.name === name);
  if (field === undefined) throw new Error(`${csr} has no field '${name}'`);
  return 2 ** (field.low % 32);
}

/** In the low word of `mstatus`; `sstatus` and `vsstatus` have the supervisor's in the same places. */
export const status = {
  SIE: bit('SIE'),
  MIE: bit('MIE'),
  SPIE: bit('SPIE'),
  MPIE: bit('MPIE'),
  SPP: bit('SPP'),
  MPRV: bit('MPRV'),
  SUM: bit('SUM'),
  MXR: bit('MXR'),
  TVM: bit('TVM'),
  TW: bit('TW'),
  TSR: bit('TSR'),
  /** Both bits: 0 is Off, all ones Dirty. */
  FS: 3 * bit('FS'),
} as const;

/** Where `frm` stands in `fcsr`. */
export const modeLow = 5;

/** The high word's SD for a low word of `mstatus`. Only FS can be Dirty: there is no vector unit. §3.1.6.6. */
export const stateDirty = (mstatus: number): number => ((mstatus & status.FS) === status.FS ? 0x8000_0000 : 0);

/** In the high word of `mstatus`. */
export const statusHigh = { MPV: bit('MPV'), GVA: bit('GVA') } as const;

/** In the low word of `hstatus`. */
export const hypervisorStatus = {
  VTSR: bit('VTSR', 'hstatus'),
  VTW: bit('VTW', 'hstatus'),
  VTVM: bit('VTVM', 'hstatus'),
  HU: bit('HU', 'hstatus'),
  SPVP: bit('SPVP', 'hstatus'),
  SPV: bit('SPV', 'hstatus'),
  GVA: bit('GVA', 'hstatus'),
} as const;

/** In the high word of `menvcfg` and `henvcfg`. */
export const environment = { STCE: bit('STCE', 'menvcfg'), ADUE: bit('ADUE', 'menvcfg') } as const;

const mppLow = Math.log2(bit('MPP'));

export const mppOf = (mstatus: number): number => (mstatus >>> mppLow) & 3;
export const withMpp = (mstatus: number, mode: number): number => ((mstatus & ~(3 << mppLow)) | (mode << mppLow)) >>> 0;
