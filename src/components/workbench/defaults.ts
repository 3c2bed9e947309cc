/** How a bench is arranged until somebody arranges it, and how a kept arrangement is made to fit. */
import * as z from '../../labs/schema.ts';
import { type Arrangement, type Column, pane, panelsOf, paneOf, place, remove, show, tidy } from './arrangement.ts';

export const editorPanel = 'editor';
export const consolePanel = 'console';
/** Breakpoints and watched memory. */
export const stopsPanel = 'stops';
/** A bench without these is none. */
export const fixedPanels: readonly string[] = [editorPanel, consolePanel, stopsPanel];

/** `window`: there is room for two views, one over the other. */
export function defaultArrangement(views: readonly string[], room: 'page' | 'window'): Arrangement {
  const program: Column = { share: 0.6, panes: [pane([editorPanel], 0.74), pane([consolePanel, stopsPanel], 0.26)] };
  if (views.length === 0) return [{ ...program, share: 1 }];
  const [first = '', ...others] = views;
  const stacked = room === 'window' && others.length > 0;
  const panes = stacked ? [pane([first], 0.5), pane(others, 0.5)] : [pane(views)];
  return [program, { share: 0.4, panes }];
}

/** A view that comes in stands with other views; the first one gets a column. */
export function addView(arrangement: Arrangement, view: string, shown: boolean): Arrangement {
  if (paneOf(arrangement, view) !== undefined) return arrangement;
  const neighbour = panelsOf(arrangement).findLast((panel) => !fixedPanels.includes(panel));
  if (neighbour === undefined) return place(arrangement, view, { kind: 'column', at: arrangement.length });
  const before = paneOf(arrangement, neighbour)?.shown;
  const added = place(arrangement, view, { kind: 'with', panel: neighbour });
  if (shown || before === undefined) return added;
  return added.map((column) => ({
    ...column,
    panes: column.panes.map((each) => (each.shown === view ? { ...each, shown: before } : each)),
  }));
}

const share = z.number().check(z.positive());
const stored = z.array(
  z.object({
    share,
    panes: z.array(z.object({ share, shown: z.string(), tabs: z.array(z.string()) })),
  }),
);

/** What was kept, as far as it still fits: unknown and doubled panels fall out, the fixed ones are put back. */
export function restoreArrangement(text: string | null, known: readonly string[], otherwise: Arrangement): Arrangement {
  const found = readStored(text);
  if (found === undefined) return otherwise;
  const seen = new Set<string>();
  const once = (panel: string): boolean => known.includes(panel) && !seen.has(panel) && seen.add(panel) !== undefined;
  const fitted = tidy(
    found.map((column) => ({
      ...column,
      panes: column.panes.map(({ share, shown, tabs }) => {
        const kept = tabs.filter(once);
        return pane(kept, share, kept.includes(shown) ? shown : kept[0]);
      }),
    })),
  );
  if (fitted.length === 0) return otherwise;
  return fixedPanels.reduce(withFixed, fitted);
}

/** One that is missing stands with the others; the first gets a column. */
function withFixed(arrangement: Arrangement, panel: string): Arrangement {
  const panels = panelsOf(arrangement);
  if (panels.includes(panel)) return arrangement;
  const other = fixedPanels.findLast((each) => panels.includes(each));
  if (other === undefined) return place(arrangement, panel, { kind: 'column', at: 0 });
  const put = place(arrangement, panel, { kind: panel === stopsPanel ? 'with' : 'below', panel: other });
  return panel === stopsPanel ? show(put, other) : put;
}

function readStored(text: string | null): Arrangement | undefined {
  try {
    const parsed = stored.safeParse(JSON.parse(text ?? ''));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** For narrow windows: the editor over everything else, which takes turns. */
export function narrowed(arrangement: Arrangement, shown: string): Arrangement {
  const others = panelsOf(arrangement).filter((panel) => panel !== editorPanel);
  const below = others.includes(shown) ? shown : (others[0] ?? '');
  return tidy([{ share: 1, panes: [pane([editorPanel], 0.5), pane(others, 0.5, below)] }]);
}

export const closable = (panel: string): boolean => !fixedPanels.includes(panel);

export const closeView = (arrangement: Arrangement, view: string): Arrangement =>
  closable(view) ? remove(arrangement, view) : arrangement;
