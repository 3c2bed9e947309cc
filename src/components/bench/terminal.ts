/** xterm.js in the page's colours and type. */
import '@xterm/xterm/css/xterm.css';
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { onThemeChange } from '../theme.ts';
import { tokenReader } from '../tokens.ts';

export interface OpenTerminal {
  readonly xterm: Terminal;
  readonly close: () => void;
}

function colours() {
  const token = tokenReader();
  return {
    background: token('--sheet'),
    foreground: token('--ink'),
    cursor: token('--accent'),
    selectionBackground: token('--line-strong'),
  };
}

export function openTerminal(place: HTMLElement, onText: (text: string) => void): OpenTerminal {
  const xterm = new Terminal({
    convertEol: true,
    cursorStyle: 'underline',
    cursorInactiveStyle: 'none',
    fontFamily: tokenReader()('--font-mono'),
    fontSize: 13,
    lineHeight: 1.25,
    minimumContrastRatio: 4.5,
    screenReaderMode: true,
    scrollback: 5000,
    theme: colours(),
  });
  const fit = new FitAddon();
  xterm.loadAddon(fit);
  xterm.open(place);
  xterm.textarea?.setAttribute('aria-label', 'Console: what you type is sent to the machine');
  // Tab leaves the console, as it leaves any other control.
  xterm.attachCustomKeyEventHandler(
    ({ key, ctrlKey, metaKey }) => key !== 'Tab' && !((ctrlKey || metaKey) && key === 'Enter'),
  );
  const typed = xterm.onData(onText);
  const observer = new ResizeObserver(() => fit.fit());
  observer.observe(place);
  const stopThemes = onThemeChange(() => {
    xterm.options.theme = colours();
  });
  return {
    xterm,
    close: () => {
      stopThemes();
      observer.disconnect();
      typed.dispose();
      xterm.dispose();
    },
  };
}
