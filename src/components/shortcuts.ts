/** Keys: those of the machine, everywhere on the page, and those of its parts, for whoever asks. */

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

const shortcuts: Readonly<Record<Action, Shortcut & { readonly name: string }>> = {
  run: { name: 'Run, pause or go on', key: 'Enter', command: true },
  restart: { name: 'Restart machine', key: 'Enter', command: true, shift: true },
  into: { name: 'Step', key: 'F11' },
  over: { name: 'Step over', key: 'F10' },
  out: { name: 'Step out', key: 'F11', shift: true },
  back: { name: 'Step back', key: 'F7' },
  'back-to-trap': { name: 'To the trap before', key: 'F7', shift: true },
  bookmark: { name: 'Bookmark this step', key: 'F2' },
};

const actions = Object.keys(shortcuts) as Action[];

interface KeyGroup {
  readonly title: string;
  readonly keys: readonly (readonly [shortcut: Shortcut, does: string])[];
}

/** All there are, by where they work. */
export const keyGroups: readonly KeyGroup[] = [
  { title: 'Everywhere', keys: actions.map((action) => [shortcuts[action], shortcuts[action].name]) },
  {
    title: 'In the program',
    keys: [
      [{ key: 'F9' }, 'Breakpoint in this line'],
      [{ key: 'F10', command: true }, 'On to this line'],
      [{ key: 'M', command: true }, 'The Tab key indents, or leaves the editor'],
    ],
  },
  {
    title: 'On the strip of time',
    keys: [
      [{ key: '← →' }, 'One step'],
      [{ key: '← →', shift: true }, 'A twentieth of the run'],
      [{ key: 'Page up, down' }, 'To bookmarks, and to what first happened'],
      [{ key: 'Home, End' }, 'To the start, to the end'],
    ],
  },
  {
    title: 'In views',
    keys: [
      [{ key: 'Tab' }, 'From one control or list to the next'],
      [{ key: 'Arrows' }, 'Within a list, a picture or memory'],
      [{ key: 'Enter' }, 'Opens, or goes there'],
      [{ key: 'Escape' }, 'Out of what is chosen; the bench back to the page'],
    ],
  },
];

export function shortcutFor({ key, ctrlKey, metaKey, shiftKey, altKey }: Pressed): Action | undefined {
  if (altKey) return undefined;
  return actions.find((action) => {
    const { key: wanted, command = false, shift = false } = shortcuts[action];
    return wanted === key && command === (ctrlKey || metaKey) && shift === shiftKey;
  });
}

/** The keyboard is one of Apple's. */
export const onApple = (): boolean => /Mac|iPhone|iPad/.test(navigator.userAgent);

export const nameOf = (action: Action): string => shortcuts[action].name;

export const shortcutText = (action: Action, apple: boolean): string => keysText(shortcuts[action], apple);

export function keysText({ key, command = false, shift = false }: Shortcut, apple: boolean): string {
  const name = apple && key === 'Enter' && (command || shift) ? '↩' : key;
  const parts = [shift && (apple ? '⇧' : 'Shift'), command && (apple ? '⌘' : 'Ctrl'), name].filter(Boolean);
  return parts.join(apple ? '' : '+');
}
