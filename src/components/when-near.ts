/** What is heavy is fetched when the reader comes near it: whoever reads the prose above need not wait for it. */

/** Part of a window's height below what is in sight. */
const margin = '60%';

/** Calls back once; gives the way to stop waiting. */
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
