/** What GDB's `monitor` command understands here. */
import { didYouMean } from '../../labs/suggest.ts';
import type { DebugTarget } from './target.ts';

const help = `position   steps of the machine so far
seek N     goes to position N, back or forth
help       this
`;

/** The answer, as text for the user. */
export function monitor(target: DebugTarget, line: string): string {
  const [command = 'help', argument = ''] = line.trim().split(/\s+/);
  switch (command) {
    case '':
    case 'help':
      return help;
    case 'position':
      return `${target.position}\n`;
    case 'seek':
      return seek(target, argument);
    default:
      return `There is no \`${command}\`. ${didYouMean(command, ['position', 'seek', 'help'])}\n`;
  }
}

function seek(target: DebugTarget, argument: string): string {
  if (!/^\d+$/.test(argument)) return '`seek` needs a position: a number of steps.\n';
  if (target.past === undefined) return 'This machine does not remember its past.\n';
  target.past.seek(Number(argument));
  return `${target.position}; GDB does not know yet: \`maintenance flush register-cache\` tells it.\n`;
}
