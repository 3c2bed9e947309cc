/** Reads a flattened device tree back, as a kernel would. Devicetree Specification 0.4 §5. */

export interface ReadNode {
  readonly name: string;
  readonly properties: ReadonlyMap<string, Uint8Array>;
  readonly children: readonly ReadNode[];
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function textAt(bytes: Uint8Array, at: number): string {
  return new TextDecoder().decode(bytes.subarray(at, bytes.indexOf(0, at)));
}

export const header = (blob: Uint8Array): readonly number[] =>
  Array.from({ length: 10 }, (_, index) => view(blob).getUint32(4 * index));

export function readTree(blob: Uint8Array): ReadNode {
  const [, , structureAt = 0, namesAt = 0] = header(blob);
  let at = structureAt;
  const word = (): number => {
    at += 4;
    return view(blob).getUint32(at - 4);
  };
  const align = (): void => {
    at = Math.ceil(at / 4) * 4;
  };
  const node = (): ReadNode => {
    const name = textAt(blob, at);
    at += name.length + 1;
    align();
    const properties = new Map<string, Uint8Array>();
    const children: ReadNode[] = [];
    for (let token = word(); token !== 2; token = word()) {
      if (token === 1) children.push(node());
      else if (token === 3) {
        const length = word();
        const property = textAt(blob, namesAt + word());
        properties.set(property, blob.slice(at, at + length));
        at += length;
        align();
      } else throw new Error(`token ${token} at ${at - 4}`);
    }
    return { name, properties, children };
  };
  if (word() !== 1) throw new Error('the structure does not begin with a node');
  return node();
}

/** The node at a path of names, `/soc/plic@c000000`. */
export function find(root: ReadNode, path: string): ReadNode {
  const found = path
    .split('/')
    .filter((name) => name !== '')
    .reduce<ReadNode | undefined>((at, name) => at?.children.find((child) => child.name === name), root);
  if (found === undefined) throw new Error(`no node ${path}`);
  return found;
}

export function cellsOf(node: ReadNode, property: string): readonly number[] {
  const bytes = node.properties.get(property);
  if (bytes === undefined) throw new Error(`no property ${property} in ${node.name}`);
  return Array.from({ length: bytes.length / 4 }, (_, index) => view(bytes).getUint32(4 * index));
}

export function textsOf(node: ReadNode, property: string): readonly string[] {
  const bytes = node.properties.get(property);
  if (bytes === undefined) throw new Error(`no property ${property} in ${node.name}`);
  return new TextDecoder().decode(bytes).split('\0').slice(0, -1);
}

export function everyNode(root: ReadNode): ReadNode[] {
  return [root, ...root.children.flatMap(everyNode)];
}
