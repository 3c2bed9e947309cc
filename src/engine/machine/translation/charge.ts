/** What a walk costs. */
import { op } from '../../wasm/code.ts';
import type { DefinedFunction } from '../../wasm/module.ts';
import type { Term } from '../../wasm/terms.ts';
import { at } from '../hart.ts';
import { walkCostAt, walksToldAt } from '../layout.ts';
import { slowPaths } from '../module-functions.ts';
import { hart, Procedure } from './procedure.ts';

/** Bits of what stands at `walksToldAt`. */
export const told = { anybody: 1, onlooker: 2 } as const;

/** Counted as what they will be when the slice is spent: they move with `remaining`. */
const ends = [at.positionEnd, at.cycleEnd, at.instretEnd];

/**
 * `charge(references)`: adds what they cost to `cycle`, and ends the slice early if its time is over by then. It leaves
 * to TypeScript what may be due, and events of which the ring may be full.
 */
export function emitCharge(): DefinedFunction {
  const p = new Procedure('i64');
  const references = 1;
  const [cycle, most] = [p.double(), p.double()];
  const double = (offset: number): Term => p.load(op.f64Load, hart, offset);
  const add = (offset: number, amount: Term): void =>
    p.store(op.f64Store, hart, offset, p.apply(op.f64Add, double(offset), amount));
  const remaining = p.apply(op.f64ConvertI32S, p.wordAt(at.remaining));
  const cost = p.load(op.f64Load, p.i32(0), walkCostAt);
  add(at.cycleEnd, p.apply(op.f64Mul, cost, p.apply(op.f64ConvertI64S, references)));
  p.set(cycle, p.apply(op.f64Sub, double(at.cycleEnd), remaining));
  const quiet = p.apply(op.f64Lt, cycle, double(at.quietUntil));
  p.if(p.both(quiet, p.not(p.shared(walksToldAt))), () => {
    p.set(most, p.apply(op.f64Max, p.float64(1), p.apply(op.f64Sub, double(at.quietUntil), cycle)));
    p.if(p.both(p.apply(op.f64Lt, most, remaining), p.apply(op.f64Gt, remaining, p.float64(1))), () => {
      for (const end of ends) add(end, p.apply(op.f64Sub, most, remaining));
      p.setWord(at.remaining, p.apply(op.i32TruncF64S, most));
    });
    p.leave();
  });
  p.run(p.call(slowPaths.indexOf('replan'), p.i32(1)), 1);
  return p.finish([]);
}
