/** Keys of the machine, everywhere on the page. */

export type Action = 'run' | 'into' | 'over' | 'out' | 'back' | 'back-to-trap' | 'restart' | 'bookmark';

interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

interface Shortcut {
  readonly key: string;
  /** With Ctrl, or ⌘ on Apple's keyboards. */
  readonly command?: boolean;
  readonly shift?: boolean;
}

const shortcuts: Readonly<Record<Action, Shortcut>> = {
  run: { key: 'Enter', command: true },
  restart: { key: 'Enter', command: true, shift: true },
  into: { key: 'F11' },
  out: { key: 'F11', shift: true },
  over: { key: 'F10' },
  back: { key: 'F7' },
  'back-to-trap': { key: 'F7', shift: true },
  bookmark: { key: 'F2' },
};

const actions = Object.entries(shortcuts) as [Action, Shortcut][];

export function shortcutFor({ key, ctrlKey, metaKey, shiftKey, altKey }: Pressed): Action | undefined {
  if (altKey) return undefined;
  const found = actions.find(
    ([, { key: wanted, command = false, shift = false }]) =>
      wanted === key && command === (ctrlKey || metaKey) && shift === shiftKey,
  );
  return found?.[0];
}

export function shortcutText(action: Action, apple: boolean): string {
  const { key, command = false, shift = false } = shortcuts[action];
  const name = apple && key === 'Enter' ? '↩' : key;
  const parts = [shift && (apple ? '⇧' : 'Shift'), command && (apple ? '⌘' : 'Ctrl'), name].filter(Boolean);
  return parts.join(apple ? '' : '+');
}
