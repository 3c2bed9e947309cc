/** Results as text. */
import { boundOf, type Goal, meetsGoal, type Result, ratioOf } from './result.ts';

const missing = '–';

/** Three figures are as many as a measurement is good for. */
export const figure = (value: number | undefined): string =>
  value === undefined ? missing : value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

const goalText = (goal: Goal): string => (goal.kind === 'ratio' ? figure(goal.least) : `< ${goal.value}`);

const columns: readonly { readonly head: string; readonly text: (result: Result) => string }[] = [
  { head: 'program', text: ({ name }) => name },
  { head: 'unit', text: ({ unit }) => unit },
  { head: 'ours', text: ({ ours }) => figure(ours) },
  { head: 'QEMU', text: ({ qemu }) => figure(qemu) },
  { head: 'native', text: ({ native }) => figure(native) },
  { head: 'MIPS', text: ({ mips }) => figure(mips) },
  { head: 'of QEMU', text: ({ qemuMips }) => figure(qemuMips) },
  { head: 'ratio', text: (result) => figure(ratioOf(result)) },
  { head: 'goal', text: ({ goal }) => goalText(goal) },
  { head: 'bound', text: boundText },
  { head: 'of bound', text: shareText },
  { head: '', text: (result) => (meetsGoal(result) === false ? 'missed' : '') },
];

function boundText(result: Result): string {
  const bound = boundOf(result);
  return bound === undefined ? missing : `${figure(bound.ratio)} ${bound.by}`;
}

function shareText(result: Result): string {
  const ratio = ratioOf(result);
  const bound = boundOf(result);
  return ratio === undefined || bound === undefined ? missing : `${Math.round((100 * ratio) / bound.ratio)} %`;
}

/** Columns of words stand at their left, columns of numbers at their right. */
const words = 2;

/** Aligned, with a head; every line ends with a line feed. Empty without results. */
export function formatTable(results: readonly Result[]): string {
  if (results.length === 0) return '';
  return align([columns.map(({ head }) => head), ...results.map((result) => columns.map(({ text }) => text(result)))]);
}

export function align(cells: readonly (readonly string[])[]): string {
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const lines = cells.map((row) =>
    row
      .map((text, column) => {
        const width = widths[column] ?? 0;
        return column < words ? text.padEnd(width) : text.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

/** What the table says, for programs. */
export const formatJson = (results: readonly Result[], notes: readonly string[], more: object = {}): string =>
  `${JSON.stringify(
    {
      results: results.map((result) => ({
        ...result,
        ratio: ratioOf(result),
        bound: boundOf(result),
        meetsGoal: meetsGoal(result),
      })),
      ...more,
      notes,
    },
    undefined,
    2,
  )}\n`;
