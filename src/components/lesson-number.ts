/** `03-privilege-and-traps` is sheet 03. */
export const sheetNumber = (slug: string): string => /^\d+/.exec(slug)?.[0] ?? '';
