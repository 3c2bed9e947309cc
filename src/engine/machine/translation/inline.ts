/** What the inline TLB gets from translations, and loses to the modelled one. See `inline-tlb.ts`. */
import { op } from '../../wasm/code.ts';
import type { DefinedFunction } from '../../wasm/module.ts';
import type { Term } from '../../wasm/terms.ts';
import { addendAt } from '../emit-probe.ts';
import { hartAt, inlineEntries, inlineEntryBytes, mostListed, offsetInPage, pageBytes } from '../layout.ts';
import { hart, Procedure } from './procedure.ts';

const empty = -1n;

/** Place of a page's entry in its table. */
const slotOf = (p: Procedure, page: Term): Term =>
  p.apply(op.i32Mul, p.bits(p.wrap(page), inlineEntries - 1), p.i32(inlineEntryBytes));

/** `fillInline(table, va, regime, host)`: `table` by its offset in the hart, `host` the address in wasm memory of `va`. */
export function emitFillInline(): DefinedFunction {
  const p = new Procedure('i32', 'i64', 'i64', 'i32');
  const [table, va, regime, host] = [1, 2, 3, 4] as const;
  const [offset, entry, fills] = [p.word(), p.word(), p.word()];
  p.set(offset, p.plus(table, slotOf(p, p.shr(va, BigInt(Math.log2(pageBytes))))));
  p.set(entry, p.plus(hart, offset));
  p.store(op.i64Store, entry, 0, p.or(p.and(va, BigInt(~offsetInPage)), regime));
  p.store(op.i32Store, entry, addendAt, p.apply(op.i32Sub, host, p.wrap(va)));
  p.set(fills, p.wordAt(hartAt.inlineFills));
  p.if(p.apply(op.i32LeU, fills, p.i32(mostListed)), () => {
    const listed = p.plus(hart, p.apply(op.i32Shl, fills, p.i32(2)));
    p.store(op.i32Store, listed, hartAt.inlineFilled, offset);
    p.setWord(hartAt.inlineFills, p.plus(fills, p.i32(1)));
  });
  return p.finish([]);
}

/** Takes a page of code or of data out in every regime: each table has at most one slot for it. */
export function evictInline(p: Procedure, isCode: Term, page: Term): void {
  const entry = p.word();
  p.set(entry, p.plus(hart, slotOf(p, page)));
  const clear = (table: number): void => p.store(op.i64Store, entry, table, empty);
  p.if(
    isCode,
    () => clear(hartAt.inlineFetch),
    () => {
      clear(hartAt.inlineLoad);
      clear(hartAt.inlineStore);
    },
  );
}
