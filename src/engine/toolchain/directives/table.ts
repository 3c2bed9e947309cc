/** Every directive. */
import { conditionalDirectives } from './conditional.ts';
import { dataDirectives } from './data.ts';
import type { Directive } from './directive.ts';
import { frameDirectives } from './frame.ts';
import { insnDirective } from './insn.ts';
import { lineDirectives } from './line.ts';
import { otherDirectives } from './other.ts';
import { repeatDirectives } from './repeat.ts';
import { roomDirectives } from './room.ts';
import { sectionDirectives } from './section.ts';
import { symbolDirectives } from './symbol.ts';

export const directives: readonly Directive[] = [
  ...sectionDirectives,
  ...symbolDirectives,
  ...dataDirectives,
  ...roomDirectives,
  ...repeatDirectives,
  ...conditionalDirectives,
  insnDirective,
  ...lineDirectives,
  ...frameDirectives,
  ...otherDirectives,
];

export const directivesByName: ReadonlyMap<string, Directive> = new Map(
  directives.flatMap((each) => each.names.map((name): [string, Directive] => [name, each])),
);
