/** Reads the style tokens of the page as it is shown now: for libraries that paint by themselves. */
export function tokenReader(): (name: string) => string {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(name).trim();
}
