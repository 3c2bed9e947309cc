/**
 * The few globals beyond the language that the engine uses. Its own TypeScript project knows neither the DOM nor
 * Node, so that nothing else of them can slip in.
 */
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
  interface Module {
    readonly kind?: 'module';
  }
  type Exports = Readonly<Record<string, unknown>>;
  type Imports = Record<string, Record<string, unknown>>;
  interface Instance {
    readonly exports: Exports;
  }
  interface Table {
    set(index: number, value: unknown): void;
  }
  const Memory: { new (limits: { initial: number; maximum?: number }): Memory };
  const Table: { new (descriptor: { element: 'anyfunc'; initial: number; maximum?: number }): Table };
  const Module: { new (bytes: Uint8Array<ArrayBuffer>): Module };
  const Instance: { new (module: Module, imports: Imports): Instance };
  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>;
  function instantiate(module: Module, imports: Imports): Promise<Instance>;
}

declare const performance: { now(): number };

declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  decode(bytes: Uint8Array): string;
}
