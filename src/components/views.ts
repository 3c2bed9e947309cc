/** The views that lessons can name, each with its model fed apart, so that the page need not know what a model is. */
import type { Component } from 'svelte';
import type { EventBatch, EventKind } from '../engine/events.ts';
import type { MachineState } from '../engine/state.ts';
import * as pageTable from '../visualizers/page-table/index.ts';
import * as registers from '../visualizers/registers/index.ts';
import * as traps from '../visualizers/traps/index.ts';
import type { ViewProps, Visualizer } from '../visualizers/visualizer.ts';

/** A model at some moment, and how it goes on; immutable. */
export interface Feed {
  readonly model: unknown;
  readonly description: string;
  update(batch: EventBatch): Feed;
  observe(state: MachineState): Feed;
}

export interface ViewKind {
  readonly name: string;
  readonly title: string;
  readonly listens: readonly EventKind[];
  readonly View: Component<ViewProps<unknown>>;
  empty(): Feed;
}

interface Module<Model> {
  readonly visualizer: Visualizer<Model>;
  readonly View: Component<ViewProps<Model>>;
}

function kindOf<Model>({ visualizer, View }: Module<Model>): ViewKind {
  const feedOf = (model: Model): Feed => ({
    model,
    get description() {
      return visualizer.describe(model);
    },
    update: (batch) => feedOf(visualizer.update(model, batch)),
    observe: (state) => feedOf(visualizer.observe(model, state)),
  });
  const { name, title, listens } = visualizer;
  // Sound: a View is only ever given the models of the feed that stands beside it here.
  const erased = View as unknown as Component<ViewProps<unknown>>;
  return { name, title, listens, View: erased, empty: () => feedOf(visualizer.empty()) };
}

export const viewKinds: readonly ViewKind[] = [kindOf(registers), kindOf(traps), kindOf(pageTable)];

export const viewNamed = (name: string): ViewKind | undefined => viewKinds.find((kind) => kind.name === name);

export type Feeds = Readonly<Record<string, Feed>>;

export const emptyFeeds = (): Feeds => Object.fromEntries(viewKinds.map((kind) => [kind.name, kind.empty()]));

const mapFeeds = (feeds: Feeds, next: (feed: Feed) => Feed): Feeds =>
  Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, next(feed)]));

export const updateFeeds = (feeds: Feeds, batch: EventBatch): Feeds => mapFeeds(feeds, (feed) => feed.update(batch));
export const observeFeeds = (feeds: Feeds, state: MachineState): Feeds =>
  mapFeeds(feeds, (feed) => feed.observe(state));

/** All kinds of events that some view needs. */
export const listenedKinds: readonly EventKind[] = [...new Set(viewKinds.flatMap(({ listens }) => listens))];
