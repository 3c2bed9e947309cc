/** Options of `guesthouse ld`, named as GNU ld names them. */
import type { OutputKind } from '../../engine/toolchain/link.ts';
import { didYouMean } from '../../labs/suggest.ts';
import { CannotRun } from '../cannot-run.ts';

/** A file, or a library to look for; `whole`: every member of an archive. */
export interface NamedInput {
  readonly kind: 'file' | 'library';
  readonly name: string;
  readonly whole: boolean;
}

export interface LinkerOptions {
  readonly inputs: readonly NamedInput[];
  readonly output: string;
  readonly kind: OutputKind;
  readonly script: string | undefined;
  readonly entry: string | undefined;
  readonly folders: readonly string[];
  readonly wanted: readonly string[];
  /** `name=value`, as a script would have it. */
  readonly assignments: readonly string[];
  readonly origin: bigint | undefined;
  readonly removeGarbage: boolean;
  readonly together: boolean;
  readonly exportAll: boolean;
  readonly symbolic: boolean;
  readonly now: boolean;
  readonly soname: string | undefined;
  readonly interpreter: string | undefined;
  readonly runPath: string | undefined;
  readonly hashStyle: 'both' | 'gnu' | 'system';
}

type Draft = {
  -readonly [Name in keyof LinkerOptions]: LinkerOptions[Name] extends readonly (infer Item)[]
    ? Item[]
    : LinkerOptions[Name];
} & { whole: boolean };

type Flag = (draft: Draft) => void;
type Valued = (draft: Draft, value: string) => void;

const flags: Readonly<Record<string, Flag>> = {
  '--gc-sections': (draft) => {
    draft.removeGarbage = true;
  },
  '-N': (draft) => {
    draft.together = true;
  },
  '--no-gc-sections': (draft) => {
    draft.removeGarbage = false;
  },
  '-shared': (draft) => {
    draft.kind = 'shared';
  },
  '-pie': (draft) => {
    draft.kind = 'pie';
  },
  '-static-pie': (draft) => {
    draft.kind = 'static-pie';
  },
  '-static': (draft) => {
    draft.kind = 'static';
  },
  '-dynamic': (draft) => {
    draft.kind = 'dynamic';
  },
  '--export-dynamic': (draft) => {
    draft.exportAll = true;
  },
  '-Bsymbolic': (draft) => {
    draft.symbolic = true;
  },
  '--whole-archive': (draft) => {
    draft.whole = true;
  },
  '--no-whole-archive': (draft) => {
    draft.whole = false;
  },
};

const ignored = [
  '--start-group',
  '--end-group',
  '-(',
  '-)',
  '--no-relax',
  '--relax',
  '-nostdlib',
  '--no-warn-rwx-segments',
];

const valued: Readonly<Record<string, Valued>> = {
  '-o': (draft, value) => {
    draft.output = value;
  },
  '-T': (draft, value) => {
    draft.script = value;
  },
  '-e': (draft, value) => {
    draft.entry = value;
  },
  '-L': (draft, value) => draft.folders.push(value),
  '-u': (draft, value) => draft.wanted.push(value),
  '-m': (_, value) => {
    if (value !== 'elf64lriscv') throw new CannotRun(`\`-m ${value}\`: only elf64lriscv is linked here.`);
  },
  '-z': (draft, value) => {
    if (value === 'now') draft.now = true;
  },
  '--defsym': (draft, value) => draft.assignments.push(value),
  '-Ttext': (draft, value) => {
    if (!/^(0x)?[\da-f]+$/i.test(value)) throw new CannotRun(`\`-Ttext ${value}\`: this is not an address.`);
    draft.origin = BigInt(`0x${value.replace(/^0x/i, '')}`);
  },
  '-soname': (draft, value) => {
    draft.soname = value;
  },
  '-dynamic-linker': (draft, value) => {
    draft.interpreter = value;
  },
  '-rpath': (draft, value) => {
    draft.runPath = value;
  },
  '--hash-style': (draft, value) => {
    if (!['both', 'gnu', 'sysv'].includes(value)) throw new CannotRun('`--hash-style` takes both, gnu or sysv.');
    draft.hashStyle = value === 'sysv' ? 'system' : value === 'gnu' ? 'gnu' : 'both';
  },
};

const synonyms: Readonly<Record<string, string>> = {
  '--entry': '-e',
  '--script': '-T',
  '--output': '-o',
  '--undefined': '-u',
  '--library-path': '-L',
  '-E': '--export-dynamic',
  '--soname': '-soname',
  '-h': '-soname',
  '--dynamic-linker': '-dynamic-linker',
  '-I': '-dynamic-linker',
  '--rpath': '-rpath',
  '--shared': '-shared',
  '--pie': '-pie',
  '--omagic': '-N',
};

const known = [...Object.keys(flags), ...Object.keys(valued), ...Object.keys(synonyms), ...ignored, '-l'];

/** `-Lfolder`, `-lname`, `--entry=x`: the option, and what stands behind it in the same word. */
function splitOption(arg: string): { readonly name: string; readonly attached: string | undefined } {
  const equals = /^(-[^=]{2,})=(.*)$/.exec(arg);
  if (equals !== null) return { name: equals[1] ?? '', attached: equals[2] ?? '' };
  const short = /^(-[LlTeouzmIh])(.+)$/.exec(arg);
  if (short === null || known.includes(arg)) return { name: arg, attached: undefined };
  return { name: short[1] ?? '', attached: short[2] ?? '' };
}

const emptyDraft = (): Draft => ({
  inputs: [],
  output: 'a.elf',
  kind: 'static',
  script: undefined,
  entry: undefined,
  folders: [],
  wanted: [],
  assignments: [],
  origin: undefined,
  removeGarbage: false,
  together: false,
  exportAll: false,
  symbolic: false,
  now: false,
  soname: undefined,
  interpreter: undefined,
  runPath: undefined,
  hashStyle: 'both',
  whole: false,
});

/** Throws a `CannotRun`. */
export function readLinkerOptions(args: readonly string[]): LinkerOptions {
  const draft = emptyDraft();
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (!arg.startsWith('-')) {
      draft.inputs.push({ kind: 'file', name: arg, whole: draft.whole });
      continue;
    }
    const { name: written, attached } = splitOption(arg);
    const name = synonyms[written] ?? written;
    if (ignored.includes(name)) continue;
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (flag !== undefined) {
      flag(draft);
      continue;
    }
    const value = attached ?? args[++index];
    if (name === '-l' && value !== undefined) draft.inputs.push({ kind: 'library', name: value, whole: draft.whole });
    else takeValue(draft, name, value, written);
  }
  return draft;
}

function takeValue(draft: Draft, name: string, value: string | undefined, written: string): void {
  const take = Object.hasOwn(valued, name) ? valued[name] : undefined;
  if (take === undefined) throw new CannotRun(`There is no option \`${written}\`. ${didYouMean(written, known)}`);
  if (value === undefined) throw new CannotRun(`\`${written}\` needs a value.`);
  take(draft, value);
}
