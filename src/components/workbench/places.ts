/** Where a panel may be moved to, in words: what the menu of a pane offers. */
import { type Arrangement, mostColumns, mostPanes, type Pane, type Place, paneOf } from './arrangement.ts';

export interface Offer {
  readonly label: string;
  readonly place: Place;
}

const joined = ({ tabs }: Pane, titleOf: (panel: string) => string): string => {
  const [first = '', ...others] = tabs;
  return others.length === 0 ? titleOf(first) : `${titleOf(first)} and ${others.length} more`;
};

export function offersFor(arrangement: Arrangement, panel: string, titleOf: (panel: string) => string): Offer[] {
  const at = arrangement.findIndex(({ panes }) => panes.some(({ tabs }) => tabs.includes(panel)));
  const column = arrangement[at];
  const own = paneOf(arrangement, panel);
  if (column === undefined || own === undefined) return [];
  const alone = own.tabs.length === 1;
  const offers: Offer[] = [];
  if (!alone && column.panes.length < mostPanes) {
    offers.push({ label: 'Pane of its own, above', place: { kind: 'above', panel } });
    offers.push({ label: 'Pane of its own, below', place: { kind: 'below', panel } });
  }
  if (arrangement.length < mostColumns && !(alone && column.panes.length === 1)) {
    offers.push({ label: 'Column of its own, left', place: { kind: 'column', at } });
    offers.push({ label: 'Column of its own, right', place: { kind: 'column', at: at + 1 } });
  }
  const others = arrangement.flatMap(({ panes }) => panes).filter((each) => each !== own);
  return [...offers, ...others.flatMap((other) => beside(arrangement, other, alone ? own : undefined, titleOf))];
}

/** `lone`: the pane that would move as a whole. */
function beside(
  arrangement: Arrangement,
  other: Pane,
  lone: Pane | undefined,
  titleOf: (panel: string) => string,
): Offer[] {
  const [first = ''] = other.tabs;
  const name = joined(other, titleOf);
  const panes = arrangement.find((column) => column.panes.includes(other))?.panes ?? [];
  const tab: Offer = { label: `Tab beside ${name}`, place: { kind: 'with', panel: first } };
  const isThere = lone !== undefined && panes[panes.indexOf(other) + 1] === lone;
  if (lone === undefined || isThere || panes.length >= mostPanes) return [tab];
  return [tab, { label: `Pane below ${name}`, place: { kind: 'below', panel: first } }];
}
