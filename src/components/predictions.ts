/** Numbers as people type them, and how far a guess was off. */

export type ReadNumber =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly message: string };

/** A whole number, perhaps with spaces or commas between its thousands. */
export function readNumber(text: string): ReadNumber {
  const digits = text.trim().replace(/(?<=\d)[ ,_’](?=\d{3}\b)/g, '');
  if (digits === '') return { ok: false, message: 'Write a number first.' };
  if (!/^\d{1,15}$/.test(digits)) return { ok: false, message: 'Write a whole number, in digits.' };
  return { ok: true, value: Number(digits) };
}

export function compare(given: number, measured: number): string {
  if (given === measured) return 'none';
  const off = Math.abs(given - measured).toLocaleString('en');
  return given < measured ? `${off} too few` : `${off} too many`;
}
