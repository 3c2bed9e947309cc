/** The module that the interpreter is: its functions in the order of their indices. */
import { arithmeticHelpers, helperNames } from '../wasm/arithmetic.ts';
import { floatHelpers } from '../wasm/float.ts';
import { encodeModule, type ImportedFunction } from '../wasm/module.ts';
import { FloatUnitEmitter } from './float-unit.ts';
import { InterpreterEmitter } from './interpreter.ts';
import { csrAt, hartAt } from './layout.ts';
import { imports, regionSignature, slowPaths } from './module-functions.ts';
import { emitProcedures } from './translation/procedures.ts';

const floatPlaces = {
  fcsr: csrAt('fcsr'),
  operands: hartAt.floatOperands,
  mulhu: slowPaths.length + helperNames.indexOf('mulhu'),
  procedure: slowPaths.indexOf('float'),
};

const floats = floatHelpers(floatPlaces).map((helper, index) => ({ ...helper, exportAs: `float${index}` }));

/** Floating-point operations for other modules to import, in the order of their indices. */
export const floatExports: readonly ImportedFunction[] = floats.map(({ exportAs, signature }) => ({
  name: exportAs,
  signature,
}));

/** The bytes of the interpreter's module. It exports `run(hart: i32)`, and the floating-point operations. */
export function emitInterpreter(): Uint8Array<ArrayBuffer> {
  return encodeModule({
    imports,
    table: true,
    functions: [
      ...arithmeticHelpers(slowPaths.length),
      ...floats,
      { signature: regionSignature, code: new FloatUnitEmitter().emitUnit() },
      ...emitProcedures(),
      { signature: { parameters: ['i32'], results: [] }, code: new InterpreterEmitter().emitRun(), exportAs: 'run' },
    ],
  });
}
