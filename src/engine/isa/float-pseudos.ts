/** Pseudo-instructions of F and D. Unprivileged Spec 20240411, "RISC-V Assembly Programmer's Handbook". */
import { floating } from './floating.ts';
import { type Pseudo, pseudo } from './instruction.ts';

const ofFormat = (letter: 's' | 'd', what: string): readonly Pseudo[] => [
  pseudo(`fmv.${letter} frd, frs1`, `fsgnj.${letter} frd, frs1, frs1`, `Copies a ${what} number.`),
  pseudo(`fabs.${letter} frd, frs1`, `fsgnjx.${letter} frd, frs1, frs1`, `Absolute value of a ${what} number.`),
  pseudo(`fneg.${letter} frd, frs1`, `fsgnjn.${letter} frd, frs1, frs1`, `Negates a ${what} number.`),
  pseudo(
    `fgt.${letter} rd, frs1, frs2`,
    `flt.${letter} rd, frs2, frs1`,
    `Sets rd to 1 if frs1 is greater than frs2 as ${what} numbers, else to 0.`,
  ),
  pseudo(
    `fge.${letter} rd, frs1, frs2`,
    `fle.${letter} rd, frs2, frs1`,
    `Sets rd to 1 if frs1 is at least frs2 as ${what} numbers, else to 0.`,
  ),
];

const ofCsr = (name: string, csr: string, what: string): readonly Pseudo[] => [
  pseudo(`${name} rs1`, `csrrw x0, ${csr}, rs1`, `Writes ${what}.`),
  pseudo(`${name} rd, rs1`, `csrrw rd, ${csr}, rs1`, `Exchanges ${what} for a new value.`),
];

const ofImmediate = (name: string, csr: string, what: string): readonly Pseudo[] => [
  pseudo(`${name} uimm`, `csrrwi x0, ${csr}, uimm`, `Writes an immediate to ${what}.`),
  pseudo(`${name} rd, uimm`, `csrrwi rd, ${csr}, uimm`, `Exchanges ${what} for an immediate.`),
];

const wholeCsr = 'the rounding mode and the exception flags';
const modeCsr = 'the rounding mode';
const flagsCsr = 'the exception flags';

/** Left out, the rounding mode is the one in `frm`. */
const dynamic: readonly Pseudo[] = floating
  .filter(({ operands }) => operands.includes('rm'))
  .map(({ name, operands, summary }) => {
    const others = operands.filter((operand) => operand !== 'rm').join(', ');
    return pseudo(`${name} ${others}`, `${name} ${others}, dyn`, summary);
  });

export const floatPseudos: readonly Pseudo[] = [
  ...dynamic,
  ...ofFormat('s', 'single-precision'),
  ...ofFormat('d', 'double-precision'),
  pseudo('fmv.x.s rd, frs1', 'fmv.x.w rd, frs1', 'The former name of fmv.x.w.'),
  pseudo('fmv.s.x frd, rs1', 'fmv.w.x frd, rs1', 'The former name of fmv.w.x.'),
  pseudo('frcsr rd', 'csrrs rd, fcsr, x0', `Reads ${wholeCsr}.`),
  pseudo('frrm rd', 'csrrs rd, frm, x0', `Reads ${modeCsr}.`),
  pseudo('frflags rd', 'csrrs rd, fflags, x0', `Reads ${flagsCsr}.`),
  ...ofCsr('fscsr', 'fcsr', wholeCsr),
  ...ofCsr('fsrm', 'frm', modeCsr),
  ...ofCsr('fsflags', 'fflags', flagsCsr),
  ...ofImmediate('fsrmi', 'frm', modeCsr),
  ...ofImmediate('fsflagsi', 'fflags', flagsCsr),
  pseudo('frsr rd', 'csrrs rd, fcsr, x0', 'The former name of frcsr.'),
  ...ofCsr('fssr', 'fcsr', wholeCsr),
];
