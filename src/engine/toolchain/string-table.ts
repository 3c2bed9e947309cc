/** A string table of an ELF file while it is being made: every text once, the empty one at its beginning. */

export interface Strings {
  /** Offset of the text. */
  add(text: string): number;
  bytes(): Uint8Array;
}

export function createStrings(): Strings {
  const parts: Uint8Array[] = [Uint8Array.of(0)];
  const known = new Map<string, number>([['', 0]]);
  const encoder = new TextEncoder();
  let size = 1;
  return {
    add(text) {
      const found = known.get(text);
      if (found !== undefined) return found;
      const at = size;
      const encoded = encoder.encode(text);
      parts.push(encoded, Uint8Array.of(0));
      size += encoded.length + 1;
      known.set(text, at);
      return at;
    },
    bytes() {
      const bytes = new Uint8Array(size);
      let at = 0;
      for (const part of parts) {
        bytes.set(part, at);
        at += part.length;
      }
      return bytes;
    },
  };
}
