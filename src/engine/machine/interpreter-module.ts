/** The module that the interpreter is: its functions in the order of their indices. */
import { arithmeticHelpers, helperNames } from '../wasm/arithmetic.ts';
import { floatHelpers } from '../wasm/float.ts';
import { encodeModule } from '../wasm/module.ts';
import { FloatUnitEmitter } from './float-unit.ts';
import { InterpreterEmitter } from './interpreter.ts';
import { csrAt, hartAt } from './layout.ts';
import { imports, slowPaths } from './module-functions.ts';

/** The bytes of the interpreter's module. It exports `run(hart: i32)`. */
export function emitInterpreter(): Uint8Array<ArrayBuffer> {
  const floatPlaces = {
    fcsr: csrAt('fcsr'),
    operands: hartAt.floatOperands,
    mulhu: slowPaths.length + helperNames.indexOf('mulhu'),
    procedure: slowPaths.indexOf('float'),
  };
  return encodeModule({
    imports,
    functions: [
      ...arithmeticHelpers(slowPaths.length),
      ...floatHelpers(floatPlaces),
      { signature: { parameters: ['i32'], results: ['i32'] }, code: new FloatUnitEmitter().emitUnit() },
      { signature: { parameters: ['i32'], results: [] }, code: new InterpreterEmitter().emitRun(), exportAs: 'run' },
    ],
  });
}
