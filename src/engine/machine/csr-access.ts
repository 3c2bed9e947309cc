/** Who may access which CSR. Privileged Spec 20240411 §2.1, and §18.6.1 for guests. */
import { M, U } from '../isa/privilege.ts';
import { type Csr, csrTable } from './csr-table.ts';
import { at, type Hart } from './hart.ts';
import { environment, hypervisorStatus, status } from './status.ts';

/** Whether an instruction may do what it asks for; `virtual`: the hypervisor has to say. */
export type Verdict = 'allowed' | 'illegal' | 'virtual';

const timeCounter = 1;
/** Whether a `counteren` lets a counter be read, by its number or that of its CSR. */
const counterOpen = (enables: number, counter: number): boolean => ((enables >>> (counter & 31)) & 1) === 1;

/** Whether the present mode may access the CSR. */
export function judgeAccess(hart: Hart, number: number, writes: boolean): Verdict {
  const csr = csrTable[number];
  if (csr === undefined || (writes && csr.readOnly)) return 'illegal';
  const { mode, virtual } = hart;
  if (csr.guard === 'none' && mode >= csr.privilege && !(virtual && csr.hypervisor)) return 'allowed';
  if (mode === M) return floatsMatter(hart, csr);
  if (csr.privilege === M || !openedByMachine(hart, csr, number)) return 'illegal';
  return virtual ? judgeInGuest(hart, csr, number) : judgeInHost(hart, csr, number);
}

function judgeInHost(hart: Hart, csr: Csr, number: number): Verdict {
  if (hart.mode < csr.privilege) return 'illegal';
  if (csr.guard === 'space' && hart.get(at.mstatus) & status.TVM) return 'illegal';
  if (csr.guard === 'counter' && hart.mode === U && !counterOpen(hart.get(at.scounteren), number)) return 'illegal';
  return floatsMatter(hart, csr);
}

function judgeInGuest(hart: Hart, csr: Csr, number: number): Verdict {
  if (csr.hypervisor || hart.mode < csr.privilege) return 'virtual';
  if (csr.guard === 'space' && hart.get(at.hstatus) & hypervisorStatus.VTVM) return 'virtual';
  if (csr.guard === 'supervisor-timer') {
    const given = hart.get(at.henvcfg + 4) & environment.STCE && counterOpen(hart.get(at.hcounteren), timeCounter);
    return given ? 'allowed' : 'virtual';
  }
  if (csr.guard === 'counter') {
    const open = hart.mode === U ? hart.get(at.hcounteren) & hart.get(at.scounteren) : hart.get(at.hcounteren);
    return counterOpen(open, number) ? 'allowed' : 'virtual';
  }
  return floatsMatter(hart, csr);
}

/** Counters by §3.1.11; the supervisor's timers by the Sstc extension. */
function openedByMachine(hart: Hart, { guard }: Csr, number: number): boolean {
  if (guard === 'counter') return counterOpen(hart.get(at.mcounteren), number);
  if (guard !== 'supervisor-timer' && guard !== 'guest-timer') return true;
  return (hart.get(at.menvcfg + 4) & environment.STCE) !== 0 && counterOpen(hart.get(at.mcounteren), timeCounter);
}

const floatsMatter = (hart: Hart, { guard }: Csr): Verdict =>
  guard === 'floats' && hart.floatsOff ? 'illegal' : 'allowed';
