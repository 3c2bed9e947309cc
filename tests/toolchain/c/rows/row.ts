/** A program, and the exit code that C says it has. */
export type Row = readonly [what: string, program: string, exit: number];
