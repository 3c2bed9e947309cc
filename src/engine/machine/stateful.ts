/**
 * What has a state that belongs to a snapshot. `save` gives plain data that nobody changes afterwards: numbers,
 * strings, bigints, arrays, maps, typed arrays. `load` takes it back, any number of times, on a part that was built
 * from the same configuration.
 */
export interface Stateful<S> {
  save(): S;
  load(state: S): void;
}
