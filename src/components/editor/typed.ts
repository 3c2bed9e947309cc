/** What was typed into the field that stands in for the editor until that has come, for it to go on with. */
import type { editor } from 'monaco-editor/editor';

export interface Typed {
  /** Of each file that was changed: its text as it was found, then at each pause in typing. */
  readonly steps: ReadonlyMap<string, readonly string[]>;
  /** In the open file, as offsets; `end` is where the caret is, unless the selection was made backwards. */
  readonly selection: { readonly start: number; readonly end: number; readonly backwards: boolean };
  readonly scroll: { readonly top: number; readonly left: number };
  readonly focused: boolean;
}

export interface TextEdit {
  /** Offsets of what is replaced. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The one edit that makes one text of another, as short as can be. */
function editBetween(before: string, after: string): TextEdit {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  let same = 0;
  while (same < most - start && before[before.length - 1 - same] === after[after.length - 1 - same]) same++;
  return { start, end: before.length - same, text: after.slice(start, after.length - same) };
}

/** Each step is one to undo. */
export function replay(model: editor.ITextModel, texts: readonly string[]): void {
  for (const each of texts) {
    const { start, end, text } = editBetween(model.getValue(), each);
    const [from, to] = [model.getPositionAt(start), model.getPositionAt(end)];
    const range = {
      startLineNumber: from.lineNumber,
      startColumn: from.column,
      endLineNumber: to.lineNumber,
      endColumn: to.column,
    };
    model.pushStackElement();
    model.pushEditOperations([], [{ range, text }], () => null);
  }
  model.pushStackElement();
}

/** Goes on where the field was left: same caret, same place, and the focus if it had it. */
export function goOn(editor: editor.ICodeEditor, { selection, scroll, focused }: Typed): void {
  const model = editor.getModel();
  if (model === null) return;
  const { start, end, backwards } = selection;
  const [from, to] = [model.getPositionAt(backwards ? end : start), model.getPositionAt(backwards ? start : end)];
  editor.setSelection({
    selectionStartLineNumber: from.lineNumber,
    selectionStartColumn: from.column,
    positionLineNumber: to.lineNumber,
    positionColumn: to.column,
  });
  editor.setScrollPosition({ scrollTop: scroll.top, scrollLeft: scroll.left });
  if (focused) editor.focus();
}
