/** QEMU, as it is started for everything here. */
export const qemuTool = 'qemu-system-riscv64';

const mib = 2 ** 20;
export const guestRam = 128 * mib;

/** The same board as ours. */
export const qemuBoard: readonly string[] = [
  ...['-M', 'virt', '-cpu', 'rv64,h=true', '-smp', '1', '-m', `${guestRam / mib}M`],
  '-nographic',
];
