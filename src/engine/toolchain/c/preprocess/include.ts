/** `#include`: files of the lab, then the headers that the compiler brings. */
import { blankComments } from './assembly-comments.ts';
import { builtinHeaders } from './headers.ts';
import { type FoundFile, limits, pushFrame, type State } from './state.ts';
import { spell, type Token, tokenize } from './tokens.ts';

interface Wanted {
  readonly name: string;
  readonly angled: boolean;
}

function wantedFile(line: readonly Token[]): Wanted | undefined {
  const [first] = line;
  if (first?.kind === 'string') return { name: first.text.slice(1, -1), angled: false };
  const text = spell(line.map((token) => ({ ...token, spaced: false })));
  const angled = /^<([^>]+)>/.exec(text)?.[1];
  return angled === undefined ? undefined : { name: angled, angled: true };
}

/** `beyond`: by `#include_next`, from a header that takes the place of one of ours. */
function findFile(state: State, { name, angled }: Wanted, from: string, beyond: boolean): FoundFile | undefined {
  const found = beyond && builtinHeaders.has(name) ? undefined : state.find(name, from, angled);
  if (found !== undefined) return found;
  const text = builtinHeaders.get(name);
  return text === undefined ? undefined : { name: `<${name}>`, text };
}

export function includeFile(
  state: State,
  word: Token,
  line: readonly Token[],
  expand: (tokens: readonly Token[]) => Token[],
): void {
  const wanted = wantedFile(line) ?? wantedFile(expand(line));
  const at = line[0] === undefined ? word.at : { ...line[0].at, endColumn: line.at(-1)?.at.endColumn ?? 0 };
  if (wanted === undefined) {
    state.reporter.error(at, '`#include` needs a file', 'write `#include "file.h"` or `#include <file.h>`');
    return;
  }
  const found = findFile(state, wanted, word.at.file, word.text === 'include_next');
  if (found === undefined) {
    const hint = wanted.angled
      ? `headers that the compiler brings: ${[...builtinHeaders.keys()].join(', ')}`
      : undefined;
    state.reporter.error(at, `there is no file \`${wanted.name}\` to include`, hint);
    return;
  }
  if (state.once.has(found.name)) return;
  const depth = state.frames.filter(({ kind }) => kind === 'file').length;
  if (depth >= limits.includeDepth) {
    state.reporter.error(at, `files include one another ${depth} deep`, 'write `#pragma once` at the top of a header');
    return;
  }
  enterFile(state, found);
}

export function enterFile(state: State, { name, text }: FoundFile): readonly Token[] {
  const readable = state.assembly ? blankComments(text, name, state.reporter) : text;
  const tokens = tokenize(readable, name);
  pushFrame(state, { kind: 'file', tokens, next: 0, conditions: state.conditions.length });
  return tokens;
}
