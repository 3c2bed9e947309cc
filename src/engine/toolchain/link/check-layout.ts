/** What is wrong with a layout as a whole: sections that overlap, regions that are too small. */
import type { Reporter } from '../diagnostics.ts';
import type { Layout, PlacedOutput } from './layout.ts';

const hex = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`;

const takesMemory = ({ planned: { flags }, size }: PlacedOutput): boolean =>
  flags.alloc && size > 0 && !(flags.thread === true && flags.nobits);

export function checkLayout(layout: Layout, reporter: Reporter): void {
  const loaded = layout.outputs.filter(takesMemory);
  const stored = loaded.filter(({ planned }) => !planned.flags.nobits);
  if (!checkOverlaps(loaded, ({ address }) => address, 'address', reporter)) {
    checkOverlaps(stored, ({ loadAddress }) => loadAddress, 'load address', reporter);
  }
  for (const output of loaded) checkRegion(layout, output, reporter);
}

/** Whether something was said. */
function checkOverlaps(
  outputs: readonly PlacedOutput[],
  startOf: (output: PlacedOutput) => bigint,
  what: string,
  reporter: Reporter,
): boolean {
  const sorted = [...outputs].sort((a, b) => (startOf(a) < startOf(b) ? -1 : startOf(a) > startOf(b) ? 1 : 0));
  let before: PlacedOutput | undefined;
  for (const output of sorted) {
    const end = before === undefined ? 0n : startOf(before) + BigInt(before.size);
    if (before !== undefined && startOf(output) < end) {
      const message = `\`${output.planned.name}\` overlaps \`${before.planned.name}\`: its ${what} is ${hex(startOf(output))}, and that one ends at ${hex(end)}`;
      reporter.error(output.planned.at, message, 'move one of them, or let it follow the other without an address');
      return true;
    }
    if (startOf(output) + BigInt(output.size) > 1n << 64n) {
      reporter.error(output.planned.at, `\`${output.planned.name}\` does not end within the 64-bit address space`);
      return true;
    }
    before = output;
  }
  return false;
}

function checkRegion(
  { regions }: Layout,
  { planned, address, size, loadAddress }: PlacedOutput,
  reporter: Reporter,
): void {
  const check = (name: string | undefined, start: bigint): void => {
    const region = name === undefined ? undefined : regions.get(name);
    if (region === undefined) return;
    const end = start + BigInt(size);
    const limit = region.origin + region.length;
    if (end <= limit && start >= region.origin) return;
    const where = `\`${planned.name}\` does not fit into region \`${region.name}\``;
    const why =
      end > limit
        ? `it ends ${end - limit} bytes behind it`
        : `it begins at ${hex(start)}, before ${hex(region.origin)}`;
    reporter.error(planned.at, `${where}: ${why}`, 'make the region larger, or move something out of it');
  };
  check(planned.region?.text, address);
  if (!planned.flags.nobits) check(planned.loadRegion?.text, loadAddress);
}
