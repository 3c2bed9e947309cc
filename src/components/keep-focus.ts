/** A part of the page that is drawn anew while somebody is in it with the keyboard. */

/** What an element is and which of its kind: it may come back as another one. */
interface Seat {
  readonly selector: string;
  readonly label: string | null;
  readonly index: number;
}

const isLost = (element: Element): boolean => !element.isConnected || element.matches(':disabled');

function seatOf(element: Element, part: Element): Seat {
  const role = element.getAttribute('role');
  const selector = element.tagName.toLowerCase() + (role === null ? '' : `[role="${role}"]`);
  const index = [...part.querySelectorAll(selector)].indexOf(element);
  return { selector, label: element.getAttribute('aria-label'), index };
}

function takenAgain({ selector, label, index }: Seat, part: Element): HTMLElement | undefined {
  const found = part.querySelectorAll<HTMLElement>(selector)[index];
  return found === undefined || isLost(found) || found.getAttribute('aria-label') !== label ? undefined : found;
}

/** From the inside out, up to the part itself. */
function ancestors(from: Element, part: HTMLElement): HTMLElement[] {
  const found: HTMLElement[] = [];
  for (let at = from.parentElement; at !== null && part.contains(at); at = at.parentElement) found.push(at);
  return found;
}

/**
 * An attachment: when what has the focus goes away or is switched off, the focus goes to what is left around it, where
 * the next press of the tab key goes on, and back once it is there again. Not to another thing that acts: the key that
 * was just pressed may be held down.
 */
export function keepFocus(part: HTMLElement): () => void {
  let last: { readonly element: Element; readonly seat: Seat; readonly around: readonly HTMLElement[] } | undefined;
  let shelter: HTMLElement | undefined;

  const onfocusin = ({ target }: FocusEvent): void => {
    if (target === shelter) return;
    shelter = undefined;
    const inside = target instanceof Element && target !== part && part.contains(target);
    last = inside ? { element: target, seat: seatOf(target, part), around: ancestors(target, part) } : undefined;
  };
  const look = (): void => {
    const { activeElement } = document;
    if (last === undefined) return;
    if (shelter !== undefined && activeElement === shelter) {
      takenAgain(last.seat, part)?.focus({ preventScroll: true });
    } else if (isLost(last.element) && (activeElement === document.body || activeElement === last.element)) {
      shelter = last.around.find((each) => each.isConnected);
      if (shelter?.hasAttribute('tabindex') === false) shelter.tabIndex = -1;
      shelter?.focus({ preventScroll: true });
    }
  };

  const redrawn = new MutationObserver(look);
  redrawn.observe(part, { childList: true, subtree: true, attributeFilter: ['disabled'] });
  document.addEventListener('focusin', onfocusin);
  return () => {
    redrawn.disconnect();
    document.removeEventListener('focusin', onfocusin);
  };
}
