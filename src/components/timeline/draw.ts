/** Paints a timeline on a canvas, in the colours of the page. */
import { modeName } from '../../engine/isa/privilege.ts';
import { tokenReader } from '../tokens.ts';
import type { TimelineLayout } from './layout.ts';
import { lanes } from './model.ts';

/** Height above the lanes in which traps stand as ticks. */
const trapHeight = 5;
/** A floor that the hart only touched is still to be seen. */
const faintest = 0.18;

export function drawTimeline(canvas: HTMLCanvasElement, layout: TimelineLayout, width: number, height: number): void {
  const scale = devicePixelRatio;
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.scale(scale, scale);
  const token = tokenReader();
  const laneHeight = (height - trapHeight) / layout.shown.length;
  layout.shown.forEach((lane, row) => {
    const name = modeName(lanes[lane] ?? 0);
    const ink = token(`--mode-${name.toLowerCase().replace('v', '')}`);
    const y = trapHeight + row * laneHeight;
    context.fillStyle = ink;
    for (const { x, width: wide, parts } of layout.columns) {
      const part = parts[lane] ?? 0;
      if (part === 0) continue;
      context.globalAlpha = faintest + (1 - faintest) * part;
      const left = Math.floor(x);
      context.fillRect(left, y + 0.5, Math.max(1, Math.ceil(x + wide) - left), laneHeight - 1);
    }
    context.globalAlpha = 1;
    if (name.startsWith('V')) hatch(context, token('--sheet'), y, width, laneHeight);
  });
  context.fillStyle = token('--ink');
  for (const { x, width: wide, traps } of layout.columns) {
    const tall = traps === 0 ? 0 : Math.max(1, traps * trapHeight);
    context.fillRect(x, trapHeight - tall, Math.max(1, wide), tall);
  }
}

/** A hatch is virtual. */
function hatch(context: CanvasRenderingContext2D, colour: string, y: number, width: number, height: number): void {
  context.save();
  context.beginPath();
  context.rect(0, y, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.globalAlpha = 0.55;
  context.beginPath();
  for (let x = -height; x < width; x += 4) {
    context.moveTo(x, y + height);
    context.lineTo(x + height, y);
  }
  context.stroke();
  context.restore();
}
