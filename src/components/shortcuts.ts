/** Keys of the machine, everywhere on the page. */

export type Action = 'run' | 'step' | 'restart';

interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

export function shortcutFor({ key, ctrlKey, metaKey, shiftKey, altKey }: Pressed): Action | undefined {
  const command = ctrlKey || metaKey;
  if (altKey) return undefined;
  if (key === 'Enter' && command) return shiftKey ? 'restart' : 'run';
  if (key === 'F10' && !command && !shiftKey) return 'step';
  return undefined;
}

export function shortcutText(action: Action, apple: boolean): string {
  if (action === 'step') return 'F10';
  const command = apple ? '⌘' : 'Ctrl+';
  const enter = apple ? '↩' : 'Enter';
  return action === 'run' ? `${command}${enter}` : apple ? `⇧${command}${enter}` : `Shift+${command}${enter}`;
}
