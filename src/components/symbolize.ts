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
