/** Encodes a wasm module that imports one memory and some functions. WebAssembly Core Specification 2.0 §5.5. */
import { type Code, unsignedLeb, type ValueType, valueTypes } from './code.ts';

export interface Signature {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface ImportedFunction {
  readonly name: string;
  readonly signature: Signature;
}

export interface DefinedFunction {
  readonly signature: Signature;
  readonly code: Code;
  readonly exportAs?: string;
}

export interface ModuleParts {
  /** Called by index 0, 1, …; the defined functions follow. All come from the import module `env`. */
  readonly imports: readonly ImportedFunction[];
  readonly functions: readonly DefinedFunction[];
  /** A table of functions is imported as `env.table`. */
  readonly table?: boolean;
}

const functionReference = 0x70;

/** Bytes, or pieces of which each may be such again. */
type Piece = number | Uint8Array | readonly Piece[];

const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));
const name = (text: string): Piece => [unsignedLeb(text.length), ascii(text)];

function sizeOf(piece: Piece): number {
  if (typeof piece === 'number') return 1;
  if (piece instanceof Uint8Array) return piece.length;
  let size = 0;
  for (const part of piece) size += sizeOf(part);
  return size;
}

/** Writes a piece; gives the place behind it. */
function write(piece: Piece, bytes: Uint8Array, start: number): number {
  if (typeof piece === 'number') {
    bytes[start] = piece;
    return start + 1;
  }
  if (piece instanceof Uint8Array) {
    bytes.set(piece, start);
    return start + piece.length;
  }
  let place = start;
  for (const part of piece) place = write(part, bytes, place);
  return place;
}

const sized = (...content: readonly Piece[]): Piece => [unsignedLeb(sizeOf(content)), content];

const vector = (items: readonly Piece[]): Piece => [unsignedLeb(items.length), items];

const section = (id: number, content: Piece): Piece => [id, sized(content)];

const typeOf = ({ parameters, results }: Signature): Piece => [
  0x60,
  vector(parameters.map((type) => valueTypes[type])),
  vector(results.map((type) => valueTypes[type])),
];

const bodyOf = (code: Code): Piece => sized(vector(code.locals.map((type) => [1, valueTypes[type]])), code.bytes, 0x0b);

/** The memory is imported as `env.memory`. */
export function encodeModule({ imports, functions, table = false }: ModuleParts): Uint8Array<ArrayBuffer> {
  const signatures = [...imports, ...functions].map(({ signature }) => typeOf(signature));
  const memoryImport = [name('env'), name('memory'), 0x02, 0x00, unsignedLeb(1)];
  const tableImport = [name('env'), name('table'), 0x01, functionReference, 0x00, unsignedLeb(0)];
  const functionImports = imports.map((each, index) => [name('env'), name(each.name), 0x00, unsignedLeb(index)]);
  const exported = functions.flatMap(({ exportAs }, index) =>
    exportAs === undefined ? [] : [[name(exportAs), 0x00, unsignedLeb(imports.length + index)]],
  );
  const module: Piece = [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    section(1, vector(signatures)),
    section(2, vector([memoryImport, ...(table ? [tableImport] : []), ...functionImports])),
    section(3, vector(functions.map((_, index) => unsignedLeb(imports.length + index)))),
    section(7, vector(exported)),
    section(10, vector(functions.map(({ code }) => bodyOf(code)))),
  ];
  const bytes = new Uint8Array(sizeOf(module));
  write(module, bytes, 0);
  return bytes;
}
