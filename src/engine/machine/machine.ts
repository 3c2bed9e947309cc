/** Machines whose hot code is translated: those that labs, the command and tests run. */
import { makeMachine } from './board-machine.ts';
import { defaultBoard } from './default-board.ts';
import { Translator } from './translator/translator.ts';
import type { BoardConfig, Machine, RackMember } from './types.ts';

export { defaultBoard };

/** Compiles the interpreter on first use. Throws a `RangeError` for a board that cannot be. */
export function createMachine(config: BoardConfig = defaultBoard): Promise<Machine> {
  return createMember(config);
}

/** The same with what a rack needs. */
export function createMember(config: BoardConfig): Promise<RackMember> {
  return makeMachine(config, (parts) => new Translator(parts));
}
