/** How one bench is arranged, on the page and with the whole window to itself, and what the browser keeps of it. */
import { forget, keep, panesKey, readKept } from '../kept.ts';
import { type Arrangement, panelsOf, paneOf } from './arrangement.ts';
import { addView, closable, closeView, defaultArrangement, restoreArrangement } from './defaults.ts';

export type Room = 'page' | 'window';

const nameOf = (slug: string, bench: string): string => `${slug}:${bench}`;

export function forgetPanes(slug: string, bench: string): void {
  for (const room of ['page', 'window']) forget(panesKey(nameOf(slug, bench), room));
}

export class BenchPanes {
  room: Room = $state('page');
  private readonly name: string;
  private readonly first: readonly string[];
  private arrangements: Readonly<Record<Room, Arrangement>>;

  /** `slug` and `bench`: what it is kept for. `first`: the views that the bench opens with. */
  constructor(slug: string, bench: string, first: readonly string[], room: Room) {
    this.name = nameOf(slug, bench);
    this.first = first;
    this.room = room;
    this.arrangements = $state.raw(this.defaults());
  }

  get current(): Arrangement {
    return this.arrangements[this.room];
  }

  set current(arrangement: Arrangement) {
    this.arrangements = { ...this.arrangements, [this.room]: arrangement };
  }

  /** What was kept, as far as these panels go. */
  bringBack(known: readonly string[]): void {
    const { page, window } = this.arrangements;
    this.arrangements = {
      page: restoreArrangement(readKept(panesKey(this.name, 'page')), known, page),
      window: restoreArrangement(readKept(panesKey(this.name, 'window')), known, window),
    };
  }

  settle(): void {
    keep(panesKey(this.name, this.room), JSON.stringify(this.current));
  }

  /** In both rooms: the lesson has come to it. */
  reveal(views: readonly string[]): void {
    const added = (arrangement: Arrangement): Arrangement =>
      views.reduce((all, view) => addView(all, view, false), arrangement);
    const { page, window } = this.arrangements;
    if (views.every((view) => paneOf(page, view) && paneOf(window, view))) return;
    this.arrangements = { page: added(page), window: added(window) };
  }

  toggle(view: string): void {
    const open = paneOf(this.current, view) !== undefined;
    this.current = open ? closeView(this.current, view) : addView(this.current, view, true);
    this.settle();
  }

  shows(view: string): boolean {
    return panelsOf(this.current).includes(view);
  }

  /** The views that are there, in the order in which they are read. */
  get views(): readonly string[] {
    return panelsOf(this.current).filter(closable);
  }

  reset(): void {
    this.current = this.defaults()[this.room];
    forget(panesKey(this.name, this.room));
  }

  private defaults(): Readonly<Record<Room, Arrangement>> {
    return { page: defaultArrangement(this.first, 'page'), window: defaultArrangement(this.first, 'window') };
  }
}
