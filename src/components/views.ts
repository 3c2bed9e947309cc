/**
 * The views that lessons can name: every folder of `visualizers`, each with its model fed apart, so that the page need
 * not know what a model is.
 */
import type { Component } from 'svelte';
import { type EventBatch, type EventKind, indexOfKind, recordWords } from '../engine/events.ts';
import type { Moment, ViewProps, Visualizer } from '../visualizers/visualizer.ts';

/** A model at some moment, and how it goes on; immutable. */
export interface Feed {
  readonly model: unknown;
  /** Kinds of events that change it, as numbers. */
  readonly hears: readonly number[];
  describe(moment: Moment): string;
  update(batch: EventBatch): Feed;
}

export interface ViewKind {
  readonly name: string;
  readonly title: string;
  /** There is a guest's side of it. */
  readonly sides: boolean;
  readonly listens: readonly EventKind[];
  /** The View is fetched when somebody looks at it; its model is fed from the first event on. */
  load(): Promise<ViewComponent>;
  empty(): Feed;
}

/** It is only ever given the models of the feed that stands beside it. */
export type ViewComponent = Component<ViewProps<unknown>>;

function kindOf(visualizer: Visualizer<unknown>, load: () => Promise<ViewComponent>): ViewKind {
  const hears = visualizer.listens.map(indexOfKind);
  const feedOf = (model: unknown): Feed => ({
    model,
    hears,
    describe: (moment) => visualizer.describe(model, moment),
    update: (batch) => feedOf(visualizer.update(model, batch)),
  });
  const { name, title, listens, sides = false } = visualizer;
  return { name, title, listens, sides, load, empty: () => feedOf(visualizer.empty()) };
}

const visualizers = import.meta.glob<Visualizer<unknown>>('../visualizers/*/index.ts', {
  import: 'visualizer',
  eager: true,
});
const components = import.meta.glob<ViewComponent>('../visualizers/*/View.svelte', { import: 'default' });

export const viewKinds: readonly ViewKind[] = Object.entries(visualizers).map(([path, visualizer]) => {
  const load = components[path.replace(/index\.ts$/, 'View.svelte')];
  if (load === undefined) throw new Error(`There is no View.svelte beside ${path}.`);
  return kindOf(visualizer, load);
});

export const viewNamed = (name: string): ViewKind | undefined => viewKinds.find((kind) => kind.name === name);

export type Feeds = Readonly<Record<string, Feed>>;

export const emptyFeeds = (): Feeds => Object.fromEntries(viewKinds.map((kind) => [kind.name, kind.empty()]));

/** Models that heard nothing new stay as they are: mostly, a machine that runs fast does few kinds of things. */
export function updateFeeds(feeds: Feeds, batch: EventBatch): Feeds {
  const told = kindsIn(batch);
  const updated = (feed: Feed): Feed => (feed.hears.some((kind) => told.has(kind)) ? feed.update(batch) : feed);
  return Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, updated(feed)]));
}

function kindsIn({ words }: EventBatch): ReadonlySet<number> {
  const kinds = new Set<number>();
  for (let at = 0; at < words.length; at += recordWords) kinds.add(words[at] ?? 0);
  return kinds;
}

/** All kinds of events that some view needs. */
export const listenedKinds: readonly EventKind[] = [...new Set(viewKinds.flatMap(({ listens }) => listens))];
