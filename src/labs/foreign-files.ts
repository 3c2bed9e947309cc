/** Files that somebody may bring by mistake: told by their first bytes, or by a name that promises text. */

const ascii = (text: string): readonly number[] => [...text].map((each) => each.charCodeAt(0));

interface Kind {
  readonly at: number;
  readonly bytes: readonly number[];
  readonly why: string;
}

const packed = 'it is packed: unpack it, and bring what is in it.';
const notForMachine = 'the machine has no use for a document or a picture.';

const kinds: readonly Kind[] = [
  { at: 0, bytes: [0x50, 0x4b, 3, 4], why: packed },
  { at: 0, bytes: ascii('BZh'), why: packed },
  { at: 0, bytes: [0xfd, ...ascii('7zXZ')], why: packed },
  { at: 0, bytes: ascii('7z\xbc\xaf'), why: packed },
  { at: 0, bytes: ascii('Rar!'), why: packed },
  { at: 0, bytes: [0x28, 0xb5, 0x2f, 0xfd], why: packed },
  { at: 257, bytes: ascii('ustar'), why: packed },
  { at: 0, bytes: ascii('%PDF'), why: notForMachine },
  { at: 0, bytes: [0x89, ...ascii('PNG')], why: notForMachine },
  { at: 0, bytes: [0xff, 0xd8, 0xff], why: notForMachine },
  {
    at: 0,
    bytes: ascii('!<arch>'),
    why: 'it is a library of objects: bring its sources, or the program linked with it.',
  },
  { at: 0, bytes: ascii('MZ'), why: 'it is a program for Windows; the machine runs RISC-V.' },
];

const isSource = (name: string): boolean => /\.(?:c|h|s|S|inc|ld|lds|txt|md|json|yaml)$/.test(name);

/** Why it is not taken, whatever it might serve as; undefined if nothing speaks against it. `text`: it was read as text. */
export function foreignRefusal(name: string, bytes: Uint8Array, text: string | undefined): string | undefined {
  if (/\.(tgz|tar\.gz)$/.test(name) && text === undefined) return packed; // otherwise gzip is an initial RAM disk
  const known = kinds.find(({ at, bytes: start }) => start.every((byte, index) => bytes[at + index] === byte));
  if (known !== undefined && text === undefined) return known.why;
  if (text !== undefined || !isSource(name)) return undefined;
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return wide || !bytes.includes(0)
    ? 'its name says text, but it is not UTF-8, or too long: save it as UTF-8, at most 1 MB.'
    : 'its name says text, but it is not.';
}
