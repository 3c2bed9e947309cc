/** The program's files in one Monaco editor, with breakpoints, the line where the machine stands, and squiggles. */
import { modeName } from '../../engine/isa/privilege.ts';
import type { Diagnostic } from '../../engine/toolchain/diagnostics.ts';
import type { LessonFile } from '../../labs/lesson.ts';
import type { SourcePlace, Texts } from '../../labs/session.ts';
import type { Breakpoint } from '../../labs/stops.ts';
import { tokenReader } from '../tokens.ts';
import './marks.css';
import { languageId, languageOf } from './language.ts';
import { breakpointsIn, hasCondition, markerMessage, marksDiffer } from './marks.ts';
import { type monaco as Monaco, prepareMonaco, uriOf } from './monaco.ts';
import { goOn, replay, type Typed } from './typed.ts';
import { type Asked, askedAt } from './value-hover.ts';

export interface EditorCallbacks {
  readonly onEdit: (file: string, text: string) => void;
  readonly onToggleBreakpoint: (file: string, line: number) => void;
  /** Lines were put in or taken out above them. */
  readonly onMoveBreakpoints: (file: string, lines: readonly number[]) => void;
  /** On to the line where the cursor is. */
  readonly onGoTo: (file: string, line: number) => void;
  /** What it is worth where the machine stands, as Markdown. */
  readonly valueOf: (asked: Asked) => Promise<string | undefined>;
  readonly onFocus: (focused: boolean) => void;
  /** Whether the Tab key leaves the editor. */
  readonly onTabMode: (leaves: boolean) => void;
}

interface Page {
  readonly file: LessonFile;
  readonly model: Monaco.editor.ITextModel;
  /** Ids of the decorations of its breakpoints. */
  marks: string[];
  /** Lines of those that have a condition. */
  conditional: ReadonlySet<number>;
  place: string[];
  viewState: Monaco.editor.ICodeEditorViewState | null;
}

export class ProgramEditor {
  private readonly monaco = prepareMonaco();
  private readonly editor: Monaco.editor.IStandaloneCodeEditor;
  private readonly pages: ReadonlyMap<string, Page>;
  private readonly callbacks: EditorCallbacks;
  private readonly values: Monaco.IDisposable;
  private open: Page | undefined;
  /** Set while the text is replaced from outside: that is no edit of the student's. */
  private replacing = false;
  /** Where the machine stands, until it has been brought into sight: its file may not be open yet. */
  private awaited: SourcePlace | undefined;

  /** `name`: of the editor, of which a page may have several. */
  constructor(place: HTMLElement, name: string, files: readonly LessonFile[], callbacks: EditorCallbacks) {
    const { monaco } = this;
    this.callbacks = callbacks;
    this.pages = new Map(files.map((file) => [file.name, this.pageOf(name, file)]));
    this.editor = monaco.editor.create(place, {
      model: null,
      ariaLabel: 'Program text. Control M lets the Tab key leave the editor.',
      automaticLayout: true,
      bracketPairColorization: { enabled: false },
      fixedOverflowWidgets: true,
      folding: false,
      fontFamily: tokenReader()('--font-mono'),
      fontSize: 13,
      glyphMargin: true,
      guides: { indentation: false },
      hover: { delay: 350 },
      insertSpaces: true,
      lineDecorationsWidth: 6,
      lineHeight: 20,
      lineNumbersMinChars: 3,
      links: false,
      minimap: { enabled: false },
      overviewRulerLanes: 0,
      padding: { top: 8, bottom: 8 },
      renderFinalNewline: 'on',
      renderLineHighlight: 'line',
      scrollBeyondLastLine: false,
      scrollbar: { alwaysConsumeMouseWheel: false, verticalScrollbarSize: 10, horizontalScrollbarSize: 10 },
      suggest: { showWords: false },
      tabSize: 8,
      unicodeHighlight: { ambiguousCharacters: false },
      wordBasedSuggestions: 'off',
    });
    this.listen();
    this.values = this.monaco.languages.registerHoverProvider([languageId, 'c'], {
      provideHover: (model, position) => this.hover(model, position),
    });
  }

  /** Beside what is always true of a word. */
  private async hover(
    model: Monaco.editor.ITextModel,
    { lineNumber, column }: Monaco.Position,
  ): Promise<Monaco.languages.Hover | null> {
    const page = [...this.pages.values()].find((each) => each.model === model);
    const asked = page && askedAt(page.file.name, model.getLineContent(lineNumber), column);
    const value = asked && (await this.callbacks.valueOf(asked));
    if (asked === undefined || value === undefined) return null;
    return { contents: [{ value }], range: new this.monaco.Range(lineNumber, asked.start, lineNumber, asked.end) };
  }

  show(file: string): void {
    const page = this.pages.get(file);
    if (page === undefined || page === this.open) return;
    if (this.open !== undefined) this.open.viewState = this.editor.saveViewState();
    this.open = page;
    const readOnly = page.file.mode !== 'edit';
    this.editor.setModel(page.model);
    this.editor.updateOptions({
      readOnly,
      readOnlyMessage: { value: `\`${file}\` belongs to the lesson: it can be read and stepped through, not changed.` },
      ariaLabel: `${file}${readOnly ? ', read only' : ''}. Control M lets the Tab key leave the editor.`,
    });
    if (page.viewState !== null) this.editor.restoreViewState(page.viewState);
    if (this.awaited?.file === file) this.revealPlace(this.awaited);
  }

  private revealPlace({ line }: SourcePlace): void {
    this.awaited = undefined;
    this.editor.revealLineInCenterIfOutsideViewport(line);
  }

  reveal(lineNumber: number, column: number): void {
    this.editor.setPosition({ lineNumber, column });
    this.editor.revealLineInCenterIfOutsideViewport(lineNumber);
    this.editor.focus();
  }

  /** Takes the place of the field that was there before it. */
  goOn(typed: Typed): void {
    this.replacing = true;
    for (const [file, texts] of typed.steps) {
      const model = this.pages.get(file)?.model;
      if (model !== undefined) replay(model, texts);
    }
    this.replacing = false;
    goOn(this.editor, typed);
  }

  setTexts(texts: Texts): void {
    for (const [name, { model }] of this.pages) {
      const text = texts[name];
      if (text === undefined || text === model.getValue()) continue;
      this.replacing = true;
      // As an edit, so that the editor's own undo can take it back.
      model.pushEditOperations([], [{ range: model.getFullModelRange(), text }], () => null);
      this.replacing = false;
    }
  }

  setDiagnostics(diagnostics: readonly Diagnostic[]): void {
    const { Error: error, Warning: warning } = this.monaco.MarkerSeverity;
    for (const [name, { model }] of this.pages) {
      const markers = diagnostics
        .filter(({ file }) => file === name)
        .map((each) => ({
          severity: each.severity === 'error' ? error : warning,
          message: markerMessage(each),
          startLineNumber: each.line,
          startColumn: each.column,
          endLineNumber: each.line,
          endColumn: each.endColumn,
        }));
      this.monaco.editor.setModelMarkers(model, 'assembler', markers);
    }
  }

  setBreakpoints(breakpoints: readonly Breakpoint[]): void {
    for (const [name, page] of this.pages) {
      const wanted = breakpointsIn(breakpoints, name);
      const drawn = new Map(this.linesOf(page).map((line) => [line, page.conditional.has(line)]));
      if (!marksDiffer(drawn, wanted)) continue;
      page.conditional = new Set(wanted.filter(hasCondition).map(({ line }) => line));
      page.marks = page.model.deltaDecorations(
        page.marks,
        wanted.map((breakpoint) => this.markOf(breakpoint)),
      );
    }
  }

  private markOf(breakpoint: Breakpoint): Monaco.editor.IModelDeltaDecoration {
    const { line, condition } = breakpoint;
    const only = hasCondition(breakpoint);
    return {
      range: new this.monaco.Range(line, 1, line, 1),
      options: {
        glyphMarginClassName: only ? 'breakpoint conditional' : 'breakpoint',
        glyphMarginHoverMessage: { value: only ? `Breakpoint if \`${condition}\`` : 'Breakpoint' },
        stickiness: this.monaco.editor.TrackedRangeStickiness.NeverGrowsWhenTypingAtEdges,
      },
    };
  }

  /** Marks the line of the next instruction in the hue of the mode that will execute it. */
  setPlace(place: SourcePlace | undefined, mode: number): void {
    const { Range } = this.monaco;
    for (const [name, page] of this.pages) {
      const here = place?.file === name ? [place.line] : [];
      const look = modeName(mode).toLowerCase();
      page.place = page.model.deltaDecorations(
        page.place,
        here.map((line) => ({
          range: new Range(line, 1, line, 1),
          options: {
            description: 'next instruction',
            isWholeLine: true,
            className: `next-line next-line-${look}`,
            glyphMarginClassName: `next-glyph next-glyph-${look}`,
          },
        })),
      );
    }
    this.awaited = place;
    if (place !== undefined && this.open?.file.name === place.file) this.revealPlace(place);
  }

  close(): void {
    this.values.dispose();
    this.editor.dispose();
    for (const { model } of this.pages.values()) model.dispose();
  }

  private pageOf(editor: string, file: LessonFile): Page {
    const model = this.monaco.editor.createModel(file.text, languageOf(file.name), uriOf(editor, file.name));
    const page: Page = { file, model, marks: [], conditional: new Set(), place: [], viewState: null };
    model.updateOptions({ bracketColorizationOptions: { enabled: false, independentColorPoolPerBracketType: false } });
    model.onDidChangeContent(() => this.changed(page));
    return page;
  }

  private changed(page: Page): void {
    const { name } = page.file;
    if (!this.replacing) this.callbacks.onEdit(name, page.model.getValue());
    if (page.marks.length > 0) this.callbacks.onMoveBreakpoints(name, this.linesOf(page));
  }

  private linesOf({ model, marks }: Page): number[] {
    const lines = marks.flatMap((id) => model.getDecorationRange(id)?.startLineNumber ?? []);
    return [...new Set(lines)].sort((a, b) => a - b);
  }

  private listen(): void {
    const { editor, monaco, callbacks } = this;
    const { GUTTER_GLYPH_MARGIN, GUTTER_LINE_NUMBERS } = monaco.editor.MouseTargetType;
    editor.onMouseDown(({ target }) => {
      if (target.type !== GUTTER_GLYPH_MARGIN && target.type !== GUTTER_LINE_NUMBERS) return;
      if (this.open !== undefined) callbacks.onToggleBreakpoint(this.open.file.name, target.position.lineNumber);
    });
    editor.addCommand(monaco.KeyCode.F9, () => {
      const line = editor.getPosition()?.lineNumber;
      if (this.open !== undefined && line !== undefined) callbacks.onToggleBreakpoint(this.open.file.name, line);
    });
    editor.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.F10, () => {
      const line = editor.getPosition()?.lineNumber;
      if (this.open !== undefined && line !== undefined) callbacks.onGoTo(this.open.file.name, line);
    });
    editor.onDidFocusEditorText(() => callbacks.onFocus(true));
    editor.onDidBlurEditorText(() => callbacks.onFocus(false));
    const { tabFocusMode } = monaco.editor.EditorOption;
    editor.onDidChangeConfiguration((event) => {
      if (event.hasChanged(tabFocusMode)) callbacks.onTabMode(editor.getOption(tabFocusMode));
    });
  }
}
