/** Where the rooms of the house lie; lessons move in from the top, left to right. */

export interface Room {
  readonly x: number;
  readonly y: number;
}

const columns = [116, 160, 224, 268, 392, 440] as const;
const windowTops = [134, 214, 294] as const;

/** Upper left corners of the windows. */
export const rooms: readonly Room[] = windowTops.flatMap((y) => columns.map((x) => ({ x, y })));

export const roomAt = (index: number): Room => rooms[index] ?? { x: 0, y: 0 };
