/** Events of walks and fills: told by calling out, while somebody is to be told. */
import { type WalkStage, walkStages } from '../../events.ts';
import type { Term } from '../../wasm/terms.ts';
import { at } from '../hart.ts';
import { walksToldAt } from '../layout.ts';
import { slowPaths } from '../module-functions.ts';
import type { Procedure } from './procedure.ts';

/** Kinds by the number that `told` is called with; what each tells stands in the hart's `report`, in words of 64 bits. */
export const reports = ['entry', 'walk', 'fill'] as const;
export type Report = (typeof reports)[number];

export const reportStage = (stage: WalkStage): Term => BigInt(walkStages.indexOf(stage));

export function report(p: Procedure, kind: Report, facts: readonly Term[]): void {
  p.if(p.shared(walksToldAt), () => {
    for (const [index, fact] of facts.entries()) p.setField(at.report + 8 * index, fact);
    p.run(p.call(slowPaths.indexOf('told'), p.i32(reports.indexOf(kind))), 1);
  });
}
