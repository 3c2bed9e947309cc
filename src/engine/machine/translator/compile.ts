/** Regions → one wasm module, compiled at once. V8 compiles its functions when they are first called, and hot ones again. */
import { usesFloats } from '../../isa/float-effect.ts';
import { arithmeticHelpers, helperNames } from '../../wasm/arithmetic.ts';
import { indexOfFloat } from '../../wasm/float.ts';
import { encodeModule, type ImportedFunction } from '../../wasm/module.ts';
import { floatExports } from '../interpreter-module.ts';
import { regionSignature } from '../module-functions.ts';
import type { KnownBoard } from './environment.ts';
import { emitRegion } from './region.ts';
import type { RegionPlan } from './region-plan.ts';

export interface PlacedPlan {
  readonly plan: RegionPlan;
  readonly slot: number;
}

export interface CompiledRegion {
  readonly run: (hart: number) => number;
  /** Bytes of its wasm function. */
  readonly size: number;
  /** Milliseconds: its share of the module's. */
  readonly compileTime: number;
}

const exportName = (index: number): string => `region${index}`;

export function compileRegions(
  plans: readonly PlacedPlan[],
  memory: WebAssembly.Memory,
  library: WebAssembly.Exports,
  known: KnownBoard,
): CompiledRegion[] {
  const start = performance.now();
  const imports = plans.some(({ plan }) => hasFloats(plan)) ? floatExports : [];
  const functions = {
    helper: (name: (typeof helperNames)[number]) => imports.length + helperNames.indexOf(name),
    float: indexOfFloat,
  };
  const codes = plans.map(({ plan, slot }) => emitRegion(plan, functions, slot, known));
  const module = encodeModule({
    imports,
    functions: [
      ...arithmeticHelpers(imports.length),
      ...codes.map((code, index) => ({ signature: regionSignature, code, exportAs: exportName(index) })),
    ],
  });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module), {
    env: { memory, ...imported(imports, library) },
  });
  const time = performance.now() - start;
  const whole = codes.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return codes.map(({ bytes }, index) => ({
    run: exports[exportName(index)] as (hart: number) => number,
    size: bytes.length,
    compileTime: (time * bytes.length) / whole,
  }));
}

const hasFloats = ({ blocks }: RegionPlan): boolean =>
  blocks.some(({ instructions }) => instructions.some(({ row }) => usesFloats(row.effect)));

const imported = (imports: readonly ImportedFunction[], library: WebAssembly.Exports): Record<string, unknown> =>
  Object.fromEntries(imports.map(({ name }) => [name, library[name]]));
