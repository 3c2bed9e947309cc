/** Bits of `mstatus` that the machine acts on; all stand in its low word. Found by name in the CSR rows. */
import { csrByName } from '../isa/csrs.ts';
import { M } from '../isa/privilege.ts';

function bit(name: string): number {
  const field = csrByName('mstatus')?.fields.find((each) => each.name === name);
  if (field === undefined) throw new Error(`mstatus has no field '${name}'`);
  return 2 ** field.low;
}

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

const mppLow = Math.log2(bit('MPP'));

export const mppOf = (mstatus: number): number => (mstatus >>> mppLow) & 3;
export const withMpp = (mstatus: number, mode: number): number => ((mstatus & ~(3 << mppLow)) | (mode << mppLow)) >>> 0;

/** The mode that loads and stores act in. Privileged Spec 20240411 §3.1.6.3. */
export const dataMode = (mode: number, mstatus: number): number =>
  mode === M && mstatus & status.MPRV ? mppOf(mstatus) : mode;
