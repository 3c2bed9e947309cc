/** Scrolls a bar of tabs, and not the page, until one of them is in sight. */
export function bringIntoSight(bar: HTMLElement, tab: HTMLElement): void {
  const right = tab.offsetLeft + tab.offsetWidth - bar.clientWidth;
  bar.scrollLeft = Math.min(tab.offsetLeft, Math.max(bar.scrollLeft, right));
}
