/** Memory regions of MEMORY: which one a section goes to, and how full each is. */
import { didYouMean } from '../suggest.ts';
import { addressIn, evaluate, type Scope } from './evaluate.ts';
import type { Tell } from './layout-pass.ts';
import type { PlannedOutput } from './plan.ts';
import type { Script } from './script/script.ts';

export interface RegionState {
  readonly name: string;
  readonly origin: bigint;
  readonly length: bigint;
  readonly attributes: string;
  /** The next free address. */
  current: bigint;
  /** Load address less address, of the last section in it. */
  delta: bigint;
}

export function createRegions(script: Script, scope: Scope): Map<string, RegionState> {
  const regions = new Map<string, RegionState>();
  // The length of one region may use the origin of one before it.
  const within: Scope = { ...scope, region: (name) => regions.get(name), regionNames: () => regions.keys() };
  for (const { name, attributes, origin, length } of script.regions) {
    const start = addressIn(within, evaluate(origin, within));
    const size = addressIn(within, evaluate(length, within));
    regions.set(name, { name, attributes, origin: start, length: size, current: start, delta: 0n });
  }
  for (const { name, region } of script.aliases) {
    const target = regions.get(region.text);
    if (target !== undefined) regions.set(name, target);
    else
      scope.error(region.at, `there is no memory region \`${region.text}\``, didYouMean(region.text, regions.keys()));
  }
  return regions;
}

/** The region that the script names, or the first whose attributes fit, or all of memory. */
export function regionFor(
  { region, loadRegion, flags }: PlannedOutput,
  regions: ReadonlyMap<string, RegionState>,
  standard: RegionState,
  tell: Tell,
): RegionState {
  for (const named of [region, loadRegion]) {
    if (named === undefined || regions.has(named.text)) continue;
    const hint = didYouMean(named.text, regions.keys()) ?? 'MEMORY { … } defines regions';
    tell(named.at, `there is no memory region \`${named.text}\``, hint);
  }
  if (region !== undefined) return regions.get(region.text) ?? standard;
  if (!flags.alloc) return standard;
  const letters = lettersOf(flags.write, flags.execute);
  return [...regions.values()].find(({ attributes }) => accepts(attributes, letters)) ?? standard;
}

const lettersOf = (write: boolean, execute: boolean): string => `a${execute ? 'x' : ''}${write ? 'w' : 'r'}`;

/** `rx!w`: any of the letters before `!`, none of those behind. */
function accepts(attributes: string, letters: string): boolean {
  const [wanted = '', refused = ''] = attributes.split('!');
  const has = (list: string): boolean => [...list].some((letter) => letters.includes(letter));
  return has(wanted) && !has(refused);
}
