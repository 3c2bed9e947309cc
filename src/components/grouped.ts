/**
 * A whole number with its thousands separated. `toLocaleString` would do, but browsers take ten milliseconds and more to
 * find out how, and these numbers stand on the page before anything runs.
 */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');
