/** What whoever links may ask for, and the script that follows from it. */
import { createReporter } from '../diagnostics.ts';
import { defaultScript } from './default-script.ts';
import { hostedScript } from './hosted-script.ts';
import type { Mode, OutputKind } from './mode.ts';
import { parseScript } from './script/parse.ts';
import type { Assignment, Script, Statement } from './script/script.ts';

export interface LinkOptions {
  /** `static` if left out. */
  readonly kind?: OutputKind;
  /** Where the default layout begins. */
  readonly origin?: bigint;
  /** Physical address of the first byte, where it is not the origin. */
  readonly physical?: number;
  /** In place of the default layout. */
  readonly script?: Script;
  /** Symbols given on the command line. */
  readonly assignments?: readonly Assignment[];
  /** A symbol or an address; the script's, or `_start`, if left out. */
  readonly entry?: string;
  readonly removeGarbage?: boolean;
  /** All is in one segment, code that can be written to: small programs that their loader need not map page by page. */
  readonly together?: boolean;
  /** Symbols to look for as if something used them. */
  readonly wanted?: readonly string[];
  /** A program shows all its symbols to shared objects, not only those that they ask for. */
  readonly exportAll?: boolean;
  readonly symbolic?: boolean;
  readonly now?: boolean;
  readonly soname?: string;
  readonly interpreter?: string;
  readonly runPath?: string;
  readonly hashStyle?: 'both' | 'gnu' | 'system';
}

/** RAM of the board begins here. */
export const defaultOrigin = 0x8000_0000n;
const hostedBase = 0x10000n;

export function scriptFor(options: LinkOptions, mode: Mode): Script {
  const { script: given, assignments = [], origin = defaultOrigin } = options;
  const fallback = (): Script => (mode.dynamic ? hostedScript(mode.movable ? 0n : hostedBase) : defaultScript(origin));
  const script = given?.hasSections === true ? given : merged(given, fallback());
  return { ...script, statements: [...assignments, ...script.statements, ...headerSymbol(script)] };
}

/** Start-up code of hosts finds the file's headers by this name: they begin the page of the first section. */
function headerSymbol({ usesHeaders, statements }: Script): readonly Statement[] {
  const first = statements.find(({ kind }) => kind === 'output');
  if (!usesHeaders || first?.kind !== 'output') return [];
  const text = `PROVIDE_HIDDEN(__ehdr_start = ABSOLUTE(ADDR("${first.name}")) & ~0xfff);`;
  return parseScript('the default layout', text, createReporter()).statements;
}

/** A script without SECTIONS adds to the default layout. */
function merged(given: Script | undefined, layout: Script): Script {
  if (given === undefined) return layout;
  const { entry = layout.entry, regions, aliases, wanted, inputs, file } = given;
  return {
    ...layout,
    file,
    entry,
    regions,
    aliases,
    wanted,
    inputs,
    statements: [...given.statements, ...layout.statements],
  };
}

export const entryName = (options: LinkOptions, script: Script): string =>
  options.entry ?? script.entry?.text ?? '_start';

/** Load address less address; a script that places sections says itself where they are loaded. */
export function loadDeltaOf({ physical, script, origin = defaultOrigin }: LinkOptions): bigint {
  return physical === undefined || script?.hasSections === true ? 0n : BigInt(physical) - origin;
}
