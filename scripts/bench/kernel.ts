/** The boot of a kernel: from the start of a process until the console shows a text. */
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readFirmwareTexts } from '../../src/cli/run/guest-files.ts';
import { writeElf } from '../../src/engine/toolchain/elf.ts';
import { firmwareImage } from '../../src/labs/firmware.ts';
import { CannotBench, type KernelOptions } from './options.ts';
import { guestRam, qemuBoard, qemuTool } from './qemu.ts';
import type { Result } from './result.ts';
import { hasTool } from './tools.ts';

export const kernelName = 'boot of a kernel';

const repeats = 3;
const mostMilliseconds = 300_000;
const command = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** Throws an `Error` if the process ends, or takes minutes, without having shown it. */
function secondsUntil(text: string, program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const late = setTimeout(() => child.kill('SIGKILL'), mostMilliseconds);
    let shown = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (more: string) => {
      shown += more;
      if (!shown.includes(text)) return;
      resolve((performance.now() - start) / 1000);
      child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(late);
      reject(new Error(`\`${program}\` did not show \`${text}\`. The end of its console:\n${shown.slice(-500)}`));
    });
  });
}

const given = (option: string, value: string | undefined): readonly string[] =>
  value === undefined ? [] : [option, value];

function ourArgs({ kernel, firmware, disk, initrd, append }: KernelOptions): readonly string[] {
  return [
    ...process.execArgv,
    '--disable-warning=ExperimentalWarning',
    ...[command, 'run', '--kernel', kernel, '-m', String(`${guestRam / 2 ** 20}M`)],
    ...given('--firmware', firmware),
    ...given('--disk', disk),
    ...given('--initrd', initrd),
    ...given('--append', append),
  ];
}

/** The firmware is the same as ours; the disk's file stays as it is. */
function qemuArgs({ kernel, firmware, disk, initrd, append }: KernelOptions, folder: string): readonly string[] {
  const drive = disk === undefined ? [] : ['-drive', `file=${disk},if=none,format=raw,id=disk,snapshot=on`];
  const device = disk === undefined ? [] : ['-device', 'virtio-blk-device,drive=disk,bus=virtio-mmio-bus.0'];
  return [
    ...qemuBoard,
    ...['-bios', firmware ?? ourFirmware(folder), '-kernel', kernel],
    ...['-global', 'virtio-mmio.force-legacy=false'],
    ...drive,
    ...device,
    ...given('-initrd', initrd),
    ...given('-append', append),
  ];
}

function ourFirmware(folder: string): string {
  const path = join(folder, 'firmware.elf');
  writeFileSync(path, writeElf(firmwareImage(readFirmwareTexts())));
  return path;
}

function requireFiles({ kernel, disk, initrd, firmware }: KernelOptions): void {
  for (const path of [kernel, disk, initrd, firmware === 'none' ? undefined : firmware]) {
    if (path !== undefined && !existsSync(path)) throw new CannotBench(`There is no file \`${path}\`.`);
  }
}

/** The best of several boots, which take turns. Throws a `CannotBench` for files that are not there. */
export async function measureBoot(options: KernelOptions, folder: string, withQemu: boolean): Promise<Result> {
  requireFiles(options);
  const ours: number[] = [];
  const qemu: number[] = [];
  for (let round = 0; round < repeats; round++) {
    ours.push(await secondsUntil(options.until, process.execPath, ourArgs(options)));
    if (withQemu && hasTool(qemuTool))
      qemu.push(await secondsUntil(options.until, qemuTool, qemuArgs(options, folder)));
  }
  return {
    name: kernelName,
    unit: 's',
    ours: Math.min(...ours),
    ...(qemu.length > 0 && { qemu: Math.min(...qemu) }),
    goal: { kind: 'ratio', least: 1 },
  };
}
