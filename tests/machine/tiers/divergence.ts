/** Where two runs of a guest part, for people: the first step after which they differ, the code there, and what differs. */
import { eventDifference, nextStep, stateDifferences } from './differences.ts';
import { type Create, difference, type Outcome, outcomeOf, type Plan } from './drive.ts';
import type { Guest } from './guest.ts';
import { interpreted } from './plans.ts';

const differences = (a: Outcome, b: Outcome, heard: boolean): string[] => [
  ...stateDifferences(a.machine, b.machine),
  ...(heard ? eventDifference(a.events, b.events) : []),
  ...(a.stops.join() === b.stops.join() ? [] : [`stops: ${a.stops.join()}, not ${b.stops.join()}`]),
];

/** The first position at which a run by the plan differs from the interpreter's. At `end` it does. */
async function firstDifference(guest: Guest, plan: Plan, end: number, create: Create): Promise<number> {
  let [same, different] = [0, end];
  while (different - same > 1) {
    const middle = Math.floor((same + different) / 2);
    const [a, b] = [await outcomeOf(guest, interpreted, middle), await outcomeOf(guest, plan, middle, create)];
    if (difference(a, b, plan.hears) === undefined) same = middle;
    else different = middle;
  }
  return different;
}

/** Actions that repeat are said once. */
function planText({ starts, hears, actions }: Plan): string {
  const groups: { readonly text: string; count: number }[] = [];
  for (const text of actions.map((action) => JSON.stringify(action))) {
    const last = groups.at(-1);
    if (last?.text === text) last.count++;
    else groups.push({ text, count: 1 });
  }
  const parts = groups.map(({ text, count }) => (count === 1 ? text : `${count} × ${text}`));
  return `hotAfter ${starts}, events ${hears ? '' : 'not '}heard; ${parts.join(', ')}`;
}

/** A page of text about two runs that differ at `end`. */
export async function report(guest: Guest, plan: Plan, end: number, create: Create): Promise<string> {
  const position = await firstDifference(guest, plan, end, create);
  const before = (await outcomeOf(guest, interpreted, position - 1)).machine;
  const right = await outcomeOf(guest, interpreted, position);
  const wrong = await outcomeOf(guest, plan, position, create);
  return [
    `The run by the plan (${planText(plan)}) differs from the interpreter's after step ${position}.`,
    nextStep(before),
    'Found by the plan, and what the interpreter says:',
    ...differences(wrong, right, plan.hears).map((line) => `  ${line}`),
    'The guest:',
    guest.text,
  ].join('\n');
}
