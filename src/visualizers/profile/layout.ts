/** Where frames are drawn: callers below, who is called above, as wide as their share. */
import type { CallNode } from './model.ts';

export const frameHeight = 22;
/** Narrower ones are not drawn; their callers are. */
const narrowest = 2;
/** About the width of a letter. */
const letter = 7;

export interface Frame {
  readonly node: CallNode;
  readonly x: number;
  /** From the top. */
  readonly y: number;
  readonly width: number;
  readonly depth: number;
  /** As much of the name as fits. */
  readonly label: string;
  /** Index of the frame below it; undefined for those on the ground. */
  readonly below: number | undefined;
}

export interface FlameLayout {
  readonly frames: readonly Frame[];
  readonly height: number;
}

type Placed = Omit<Frame, 'y'>;

/** `roots` stand side by side on the ground and fill the width. */
export function layoutFlames(roots: readonly CallNode[], width: number): FlameLayout {
  const whole = roots.reduce((sum, { total }) => sum + total, 0);
  const scale = whole === 0 ? 0 : width / whole;
  const placed: Placed[] = [];
  const place = (nodes: readonly CallNode[], start: number, depth: number, below: number | undefined): void => {
    let x = start;
    for (const node of nodes) {
      const wide = node.total * scale;
      if (wide >= narrowest) {
        const index = placed.length;
        placed.push({ node, x, width: wide, depth, label: labelFor(node.name, wide), below });
        place(node.children, x, depth + 1, index);
      }
      x += wide;
    }
  };
  place(roots, 0, 0, undefined);
  const levels = placed.reduce((most, { depth }) => Math.max(most, depth + 1), 0);
  const frames = placed.map((frame) => ({ ...frame, y: (levels - 1 - frame.depth) * frameHeight }));
  return { frames, height: levels * frameHeight };
}

function labelFor(name: string, width: number): string {
  const letters = Math.floor((width - 8) / letter);
  if (letters >= name.length) return name;
  return letters < 3 ? '' : `${name.slice(0, letters - 1)}…`;
}

/** The frame that an arrow key leads to: up to what is called most, down to who called, sideways on the same floor. */
export function frameAfter(frames: readonly Frame[], from: number, key: string): number | undefined {
  const frame = frames[from];
  if (frame === undefined) return undefined;
  if (key === 'ArrowDown') return frame.below;
  if (key === 'ArrowUp') return indexOf(frames, ({ below }) => below === from);
  const level = frames.map((each, index) => ({ each, index })).filter(({ each }) => each.depth === frame.depth);
  const at = level.findIndex(({ index }) => index === from);
  if (key === 'ArrowRight') return level[at + 1]?.index;
  return key === 'ArrowLeft' ? level[at - 1]?.index : undefined;
}

function indexOf(frames: readonly Frame[], isIt: (frame: Frame) => boolean): number | undefined {
  const index = frames.findIndex(isIt);
  return index < 0 ? undefined : index;
}
