/** Wildcards of linker scripts: `*`, `?`, `[a-z]`, `[!a]`. `*` matches `/` too, as in GNU ld. */

/** Behind a set that begins at `at`, and whether it holds the character; undefined if it is not closed. */
function matchSet(
  glob: string,
  at: number,
  char: string,
): { readonly end: number; readonly holds: boolean } | undefined {
  const close = glob.indexOf(']', at + 2);
  if (close < 0) return undefined;
  const negated = glob[at + 1] === '!' || glob[at + 1] === '^';
  let holds = false;
  for (let index = at + (negated ? 2 : 1); index < close; index++) {
    const low = glob[index] ?? '';
    const isRange = glob[index + 1] === '-' && index + 2 < close;
    const high = isRange ? (glob[index + 2] ?? '') : low;
    if (char >= low && char <= high) holds = true;
    if (isRange) index += 2;
  }
  return { end: close + 1, holds: holds !== negated };
}

/** Behind the one character that the glob has at `at`, or undefined if `char` is not it. */
function step(glob: string, at: number, char: string): number | undefined {
  const wanted = glob[at];
  if (wanted === '?') return at + 1;
  if (wanted === '[') {
    const set = matchSet(glob, at, char);
    if (set !== undefined) return set.holds ? set.end : undefined;
  }
  if (wanted === '\\' && glob[at + 1] === char) return at + 2;
  return wanted === char ? at + 1 : undefined;
}

/** Takes at most the product of both lengths, whatever the pattern. */
export function matchesGlob(glob: string, text: string): boolean {
  let at = 0;
  let index = 0;
  let star = -1;
  let starIndex = 0;
  while (index < text.length) {
    const next = at < glob.length && glob[at] !== '*' ? step(glob, at, text[index] ?? '') : undefined;
    if (next !== undefined) {
      at = next;
      index++;
    } else if (glob[at] === '*') {
      star = at++;
      starIndex = index;
    } else if (star >= 0) {
      at = star + 1;
      index = ++starIndex;
    } else return false;
  }
  while (glob[at] === '*') at++;
  return at === glob.length;
}
