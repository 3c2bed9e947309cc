/** Options of `guesthouse cc`, named as GCC names them. */
import { didYouMean } from '../../labs/suggest.ts';
import { CannotRun } from '../cannot-run.ts';

export interface CcOptions {
  readonly files: readonly string[];
  readonly output: string | undefined;
  /** `-S`: assembly, `-c`: objects, else a program. */
  readonly makes: 'assembly' | 'objects' | 'program';
  /** Linker script. */
  readonly script: string | undefined;
  /** The guest library is linked where it is needed. */
  readonly library: boolean;
  readonly pic: boolean;
  /** What debuggers read, in the assembly too; left out: not there. */
  readonly debug: boolean | undefined;
  /** Not with `-O0`. */
  readonly optimize: boolean;
  readonly folders: readonly string[];
  readonly defines: Readonly<Record<string, string>>;
  readonly origin: bigint | undefined;
  readonly entry: string | undefined;
}

type Draft = {
  -readonly [Name in keyof CcOptions]: CcOptions[Name] extends readonly string[] ? string[] : CcOptions[Name];
} & { defines: Record<string, string> };

type Take = (draft: Draft, value: string) => void;

const valued: Readonly<Record<string, Take>> = {
  '-o': (draft, value) => {
    draft.output = value;
  },
  '-I': (draft, value) => {
    draft.folders.push(value);
  },
  '-D': (draft, value) => {
    const [name = '', text = '1'] = value.split(/=(.*)/s);
    draft.defines[name] = text;
  },
  '-T': (draft, value) => {
    draft.script = value;
  },
  '-e': (draft, value) => {
    draft.entry = value;
  },
  '-Ttext': (draft, value) => {
    if (!/^(?:0x)?[\da-f]+$/i.test(value)) throw new CannotRun(`\`-Ttext ${value}\`: this is not an address.`);
    draft.origin = BigInt(`0x${value.replace(/^0x/i, '')}`);
  },
};

/** Makefiles give these; they change nothing here. */
const ignored = /^-(?:W.*|f.*|m.*|std=.*|nostdinc|static|pedantic|MD|MMD)$/;

/** `-Ifolder` and `-I folder` are the same. */
function splitValue(arg: string): { readonly name: string; readonly value: string | undefined } | undefined {
  if (Object.hasOwn(valued, arg)) return { name: arg, value: undefined };
  const name = Object.keys(valued).find((each) =>
    each.length === 2 ? arg.startsWith(each) && !/^-Ttext/.test(arg) : arg.startsWith(`${each}=`),
  );
  return name === undefined ? undefined : { name, value: arg.slice(name.length).replace(/^=/, '') };
}

/** Throws a `CannotRun`. */
export function readCcOptions(args: readonly string[]): CcOptions {
  const draft: Draft = {
    files: [],
    output: undefined,
    makes: 'program',
    script: undefined,
    library: true,
    pic: false,
    debug: undefined,
    optimize: true,
    folders: [],
    defines: {},
    origin: undefined,
    entry: undefined,
  };
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    const option = splitValue(arg);
    if (arg === '-S') draft.makes = 'assembly';
    else if (arg === '-c') draft.makes = 'objects';
    else if (arg === '-nostdlib') draft.library = false;
    else if (/^-f(?:pic|PIC)$/.test(arg)) draft.pic = true;
    else if (/^-g(?:0|\d|gdb\d?|dwarf(?:-\d)?)?$/.test(arg)) draft.debug = arg !== '-g0';
    else if (/^-O[0-3sg]?$/.test(arg)) draft.optimize = arg !== '-O0';
    else if (option !== undefined) {
      const value = option.value ?? args[++index];
      if (value === undefined) throw new CannotRun(`\`${arg}\` needs a value.`);
      valued[option.name]?.(draft, value);
    } else if (!arg.startsWith('-')) draft.files.push(arg);
    else if (!ignored.test(arg)) {
      throw new CannotRun(`There is no option \`${arg}\`. ${didYouMean(arg, ['-S', '-c', ...Object.keys(valued)])}`);
    }
  }
  return draft;
}
