/** Words of the expressions that a watch or a hover names. */

export interface Token {
  readonly text: string;
}

/** What is no word of C's is one character of its own, so that it can be named in a message. */
export const tokenize = (text: string): Token[] =>
  [...text.matchAll(/\$?[A-Za-z_]\w*|0[xX][\da-fA-F]+|\d+|->|\S/g)].map(([word]) => ({ text: word }));

export const isTokenName = (text: string): boolean => /^\$?[A-Za-z_]/.test(text);

export const evaluateNumber = (text: string): bigint | undefined =>
  /^(?:0[xX][\da-fA-F]+|\d+)$/.test(text) ? BigInt(text) : undefined;
