/** A file of assembly → an object. By GCC's convention a name that ends in `.S` wants the C preprocessor, `.s` does not. */
import { type AssemblyContext, assemble, assembleStatements, type Source } from './assemble.ts';
import { preprocessAssembly } from './c/preprocess/assembly.ts';
import type { PreprocessOptions } from './c/preprocess/preprocess.ts';
import type { Reporter } from './diagnostics.ts';
import type { ObjectFile } from './object.ts';
import { scanLines } from './scan.ts';

const isPreprocessed = (name: string): boolean => name.endsWith('.S');

/** As `assemble`, with `options` for the preprocessor. */
export function assembleFile(
  source: Source,
  context: AssemblyContext,
  options: PreprocessOptions,
  reporter: Reporter,
): ObjectFile | undefined {
  const { sources, defines, binaries } = context;
  if (!isPreprocessed(source.name)) return assemble(source, sources, defines, reporter, binaries);
  const statements = scanLines(preprocessAssembly(source, options, reporter), reporter);
  return assembleStatements(source.name, statements, context, reporter);
}
