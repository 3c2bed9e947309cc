/** Buttons one below the other as one stop of the tab key: arrows, Home and End go between them. */
import { cellAfter } from './roving.ts';

/**
 * An attachment for what holds the buttons. `selector` tells them from what stands between them, as the details of one
 * that is opened do.
 */
export const rovingList =
  (selector: string) =>
  (list: HTMLElement): (() => void) => {
    let last: HTMLElement | undefined;
    const buttons = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>(selector)];

    /** The one that had the focus last, or is chosen, or comes first is where the tab key stops. */
    const settle = (): void => {
      const all = buttons();
      const stop = all.find((each) => each === last) ?? all.find((each) => each.ariaPressed === 'true') ?? all[0];
      for (const each of all) each.tabIndex = each === stop ? 0 : -1;
    };
    const onfocusin = ({ target }: FocusEvent): void => {
      const entered = buttons().find((each) => each === target);
      if (entered === undefined) return;
      last = entered;
      settle();
    };
    const onkeydown = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const all = buttons();
      const at = all.indexOf(event.target as HTMLElement);
      const to = at < 0 ? undefined : cellAfter(event.key, at, all.length, 1);
      if (to === undefined) return;
      event.preventDefault();
      all[to]?.focus();
    };

    const redrawn = new MutationObserver(settle);
    redrawn.observe(list, { childList: true, subtree: true });
    list.addEventListener('focusin', onfocusin);
    list.addEventListener('keydown', onkeydown);
    settle();
    return () => {
      redrawn.disconnect();
      list.removeEventListener('focusin', onfocusin);
      list.removeEventListener('keydown', onkeydown);
    };
  };
