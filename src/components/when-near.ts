/** What is heavy is fetched when a reader comes near it: whoever reads the prose above need not wait for it. */

/** Part of a window's height below what is in sight. */
const margin = '60%';

/** What readers do and pages that merely stand open do not. */
const signs = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'scroll'];

/** Calls back once the place is near and somebody is there; gives the way to stop waiting. */
export function whenAttended(place: Element | undefined, callback: () => void): () => void {
  let stopWaiting: () => void = () => {};
  const stopWatching = whenNear(place, () => {
    stopWaiting = whenSomebodyIsThere(callback);
  });
  return () => {
    stopWatching();
    stopWaiting();
  };
}

/** Calls back once the place is near; gives the way to stop waiting. */
export function whenNear(place: Element | undefined, callback: () => void): () => void {
  if (place === undefined) return () => {};
  const observer = new IntersectionObserver(
    ([entry]) => {
      if (entry?.isIntersecting !== true) return;
      observer.disconnect();
      callback();
    },
    { rootMargin: margin },
  );
  observer.observe(place);
  return () => observer.disconnect();
}

function whenSomebodyIsThere(callback: () => void): () => void {
  const stop = new AbortController();
  const seen = (): void => {
    stop.abort();
    callback();
  };
  for (const sign of signs) addEventListener(sign, seen, { capture: true, passive: true, signal: stop.signal });
  if (navigator.userActivation?.hasBeenActive === true) seen();
  return () => stop.abort();
}
