/** Gives a text to the reader as a file. */
const forget = 10_000;

export function downloadText(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = name;
  link.click();
  // Browsers begin the download later.
  setTimeout(() => URL.revokeObjectURL(link.href), forget);
}
