/** Monaco with the features that this editor needs, one by one, and the language; fetched when the page is readable. */
import * as monaco from 'monaco-editor/editor';
import EditorWorker from 'monaco-editor/editor/editor.worker?worker';
import 'monaco-editor/features/bracketMatching/register';
import 'monaco-editor/features/caretOperations/register';
import 'monaco-editor/features/clipboard/register';
import 'monaco-editor/features/codicon/register';
import 'monaco-editor/features/comment/register';
import 'monaco-editor/features/contextmenu/register';
import 'monaco-editor/features/cursorUndo/register';
import 'monaco-editor/features/find/register';
import 'monaco-editor/features/hover/register';
import 'monaco-editor/features/iPadShowKeyboard/register';
import 'monaco-editor/features/indentation/register';
import 'monaco-editor/features/lineSelection/register';
import 'monaco-editor/features/linesOperations/register';
import 'monaco-editor/features/multicursor/register';
import 'monaco-editor/features/readOnlyMessage/register';
import 'monaco-editor/features/toggleTabFocusMode/register';
import 'monaco-editor/features/wordHighlighter/register';
import 'monaco-editor/features/wordOperations/register';
import 'monaco-editor/editor/contrib/suggest/browser/suggestController';
import { onThemeChange } from '../theme.ts';
import { tokenReader } from '../tokens.ts';
import { cConfiguration, cGrammar, cId } from './c-language.ts';
import { editorTheme } from './colours.ts';
import { type OfferKind, offersAt } from './completion.ts';
import { hoverText, type Texts } from './hover.ts';
import { configuration, grammar, languageId } from './language.ts';
import { wordAt } from './words.ts';

export { monaco };

const themeName = 'guesthouse';
const scheme = 'guesthouse';

/** `editor`: its name; each editor of a page has models of its own. */
export const uriOf = (editor: string, file: string): monaco.Uri =>
  monaco.Uri.from({ scheme, authority: editor, path: `/${file}` });
export const fileOf = (model: monaco.editor.ITextModel): string => model.uri.path.slice(1);

/** All files of the program as they stand in the editor now. */
function textsNow(): Texts {
  const models = monaco.editor.getModels().filter(({ uri }) => uri.scheme === scheme);
  return Object.fromEntries(models.map((model) => [fileOf(model), model.getValue()]));
}

const { CompletionItemKind } = monaco.languages;
const kinds: Readonly<Record<OfferKind, monaco.languages.CompletionItemKind>> = {
  instruction: CompletionItemKind.Keyword,
  directive: CompletionItemKind.Property,
  register: CompletionItemKind.Variable,
  csr: CompletionItemKind.Field,
  label: CompletionItemKind.Function,
  constant: CompletionItemKind.Constant,
  macro: CompletionItemKind.Snippet,
  function: CompletionItemKind.Operator,
};

const completion: monaco.languages.CompletionItemProvider = {
  triggerCharacters: ['.', '%'],
  provideCompletionItems: (model, { lineNumber, column }) => {
    const { offers, start, end } = offersAt(model.getLineContent(lineNumber), column, textsNow(), fileOf(model));
    const range = new monaco.Range(lineNumber, start, lineNumber, end);
    return {
      suggestions: offers.map(({ name, kind, detail, summary }) => ({
        label: { label: name, description: detail },
        kind: kinds[kind],
        documentation: summary,
        insertText: name,
        range,
      })),
    };
  },
};

const hover: monaco.languages.HoverProvider = {
  provideHover: (model, { lineNumber, column }) => {
    const word = wordAt(model.getLineContent(lineNumber), column);
    const value = word === undefined ? undefined : hoverText(word.text, textsNow(), fileOf(model));
    if (word === undefined || value === undefined) return null;
    return { contents: [{ value }], range: new monaco.Range(lineNumber, word.start, lineNumber, word.end) };
  },
};

function paint(): void {
  const dark = document.documentElement.dataset.theme === 'dark';
  monaco.editor.defineTheme(themeName, editorTheme(tokenReader(), dark));
  monaco.editor.setTheme(themeName);
}

function learn(
  id: string,
  typed: monaco.languages.LanguageConfiguration,
  read: monaco.languages.IMonarchLanguage,
): void {
  monaco.languages.register({ id });
  monaco.languages.setLanguageConfiguration(id, typed);
  monaco.languages.setMonarchTokensProvider(id, read);
}

/** Once for the page. */
export function prepareMonaco(): typeof monaco {
  if (monaco.languages.getLanguages().some(({ id }) => id === languageId)) return monaco;
  self.MonacoEnvironment = { getWorker: () => new EditorWorker() };
  learn(languageId, configuration, grammar);
  learn(cId, cConfiguration, cGrammar);
  monaco.languages.registerCompletionItemProvider(languageId, completion);
  monaco.languages.registerHoverProvider(languageId, hover);
  paint();
  onThemeChange(paint);
  void document.fonts.ready.then(() => monaco.editor.remeasureFonts());
  return monaco;
}
