/** Where the machine stands, in a sentence. */
import type { SessionState } from '../labs/session.ts';

export function sayStatus({ run, stale }: SessionState): string {
  const changed = stale ? ' The text has changed since: Run and Step begin anew.' : '';
  const at = run.place === undefined ? '' : `${run.place.file}:${run.place.line}`;
  switch (run.status) {
    case 'idle':
      return 'The machine is off.';
    case 'building':
      return 'Assembling …';
    case 'running':
      return `Running ${run.name} …${changed}`;
    case 'paused': {
      const words = run.reason === '' ? '' : `${run.reason} `;
      const next = at === '' ? '' : `Next: ${at}.`;
      return `${words}${next}${changed}`.trim() || 'Paused.';
    }
    case 'ended':
    case 'failed':
      return `${run.reason}${changed}`;
  }
}
