import { type ImageSymbol, nearestSymbol } from '../engine/image.ts';

/** Addresses as people say them: `handler+0x1c`, or the number where no label is near. */
export function symbolizer(symbols: readonly ImageSymbol[]): (address: bigint) => string {
  const image = { entry: 0n, segments: [], lines: [], symbols };
  return (address) => {
    const near = nearestSymbol(image, address);
    if (near === undefined) return `0x${address.toString(16)}`;
    return near.offset === 0 ? near.name : `${near.name}+0x${near.offset.toString(16)}`;
  };
}

/** Numbers as one writes them, and names of symbols: `0x8000_0000`, `handler`, `handler+0x1c`. */
export function resolver(symbols: readonly ImageSymbol[]): (text: string) => bigint | undefined {
  return (text) => {
    const [, base = '', sign = '+', offset] = /^\s*([\w.$]+)\s*(?:([+-])\s*(\w+))?\s*$/.exec(text) ?? [];
    const start = numberOf(base) ?? symbols.find(({ name }) => name === base)?.address;
    const distance = offset === undefined ? 0n : numberOf(offset);
    if (start === undefined || distance === undefined) return undefined;
    return BigInt.asUintN(64, sign === '+' ? start + distance : start - distance);
  };
}

function numberOf(text: string): bigint | undefined {
  const digits = text.replaceAll('_', '');
  return /^(0x[\da-f]+|\d+)$/i.test(digits) ? BigInt(digits) : undefined;
}
