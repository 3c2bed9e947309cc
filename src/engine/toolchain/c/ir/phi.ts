/** Phis that choose nothing. */
import { resolve, type Value } from './ir.ts';

/** A phi of one value is that value. */
export function removeTrivial(phi: Value): Value {
  let same: Value | undefined;
  for (const arg of phi.args) {
    const found = resolve(arg);
    if (found === phi || found === same) continue;
    if (same !== undefined) return phi;
    same = found;
  }
  if (same === undefined) return phi;
  phi.forward = same;
  phi.block.values = phi.block.values.filter((value) => value !== phi);
  return same;
}
