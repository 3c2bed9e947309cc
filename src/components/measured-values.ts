/** Fills the places in prose that show what a run gave. */
import type { MeasuredValue, SessionState } from '../labs/session.ts';

const textOf = (value: MeasuredValue): string =>
  typeof value === 'number' ? value.toLocaleString('en') : value.map((each) => each.toLocaleString('en')).join(', ');

/** `place`: rendered prose; its `<output>` elements name their measure. */
export function fillMeasured(place: HTMLElement, measured: SessionState['measured']): void {
  for (const output of place.querySelectorAll<HTMLOutputElement>('output[data-measure]')) {
    const found = measured[output.dataset.measure ?? ''];
    const text = found === undefined ? '–' : textOf(found.value);
    if (output.textContent !== text) output.textContent = text;
    output.classList.toggle('stale', found?.stale === true);
  }
}
