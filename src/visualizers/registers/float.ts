/** What a floating-point register holds. Unprivileged Spec, chapter "D", §21.2: a single is boxed in ones. */

export interface FloatReading {
  readonly format: 'single' | 'double';
  /** The number in decimal, short enough to read and long enough to tell it from its neighbours. */
  readonly text: string;
}

const box = 0xffff_ffffn;
const bytes = new DataView(new ArrayBuffer(8));

function textOf(value: number, quiet: boolean): string {
  if (Number.isNaN(value)) return quiet ? 'NaN' : 'signaling NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  return Object.is(value, -0) ? '−0' : String(value).replace('-', '−');
}

/** The shortest decimal that rounds to the same single. */
function shortestSingle(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return value;
}

export function readFloat(bits: bigint): FloatReading {
  if (bits >> 32n === box) {
    bytes.setUint32(0, Number(bits & box));
    const value = bytes.getFloat32(0);
    const text = textOf(Number.isFinite(value) ? shortestSingle(value) : value, ((bits >> 22n) & 1n) === 1n);
    return { format: 'single', text };
  }
  bytes.setBigUint64(0, bits);
  return { format: 'double', text: textOf(bytes.getFloat64(0), ((bits >> 51n) & 1n) === 1n) };
}
