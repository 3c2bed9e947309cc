import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { build } from '../../src/engine/toolchain/build.ts';
import { writeElf } from '../../src/engine/toolchain/elf.ts';
import { type GivenFile, importFiles } from '../../src/labs/import-files.ts';
import { defaultMachine } from '../../src/labs/machine-settings.ts';
import {
  emptyProject,
  nameRefusal,
  type Project,
  putFile,
  readProject,
  removeFile,
  renameFile,
  writeProject,
} from '../../src/labs/project.ts';
import { linkOf, readLink } from '../../src/labs/share-link.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const elf = Uint8Array.of(0x7f, 0x45, 0x4c, 0x46);

const project: Project = {
  ...emptyProject,
  title: 'Grüße “aus” VS 😀',
  files: [
    { name: 'main.S', text: '_start:\n\tj .\n' },
    { name: 'lib/uart.h', text: '' },
  ],
  attachments: [{ name: 'fs.img', bytes: Uint8Array.of(0, 255, 128, 10) }],
  machine: { ...defaultMachine, harts: 3, disk: { size: 0, file: 'fs.img' } },
  breakpoints: [{ file: 'main.S', line: 2 }],
  bookmarks: [{ name: 'first trap', position: 12, run: 'main', program: '0a', course: '0b' }],
};

const messageOf = (text: string): string => {
  const read = readProject(text);
  return read.ok ? '' : read.message;
};

describe('a workbench as a file', () => {
  it('comes back as it was', () => {
    expect(readProject(writeProject(project))).toEqual({ ok: true, project });
  });

  it.each([
    ['cut short', writeProject(project).slice(0, 200), /cut short/],
    ['something else', '{"format":"guesthouse-submission"}', /not a workbench/],
    ['of another time', '{"format":"guesthouse-bench","version":9}', /version 9; this Guesthouse reads version 1/],
    ['without a machine', '{"format":"guesthouse-bench","version":1,"files":[]}', /`machine`/],
    ['with a name that leads out', writeProject(project).replace('main.S', '../main.S'), /`files\.0\.name`/],
    ['with two files of a name', writeProject(project).replace('lib/uart.h', 'main.S'), /two files `main\.S`/],
    ['with bytes that are none', writeProject(project).replace('AP+ACg==', '****'), /`attachments\.0\.base64`/],
  ])('says what is wrong when it is %s', (_, text, message) => {
    expect(messageOf(text)).toMatch(message);
  });

  it('never throws, whatever it holds', () => {
    fc.assert(fc.property(fc.json(), (text) => typeof readProject(text).ok === 'boolean'));
  });
});

describe('a workbench as a link', () => {
  it('comes back as it was, with what one had marked in it', async () => {
    const fragment = await linkOf(project);
    expect(fragment).toMatch(/^work=[\w-]+$/);
    expect(await readLink(`#${fragment}`)).toEqual({ ok: true, project });
  });

  it('is none without work in it', async () => {
    expect(await readLink('')).toBeUndefined();
    expect(await readLink('#checks')).toBeUndefined();
  });

  it('says that it is damaged wherever it was cut or changed', async () => {
    const fragment = await linkOf(project);
    const cut = [6, 20, fragment.length - 1].map((length) => fragment.slice(0, length));
    const changed = [`${fragment.slice(0, 40)}A${fragment.slice(41)}`, 'work=%%%', 'work='];
    for (const each of [...cut, ...changed]) {
      expect(await readLink(each)).toMatchObject({ ok: false, message: expect.stringMatching(/^It is /) });
    }
  });

  it('does not unfold without end', async () => {
    const long = { ...project, files: [{ name: 'a.S', text: 'a'.repeat(9 * 2 ** 20) }] };
    expect(await readLink(await linkOf(long))).toMatchObject({ ok: false, message: /more than a workbench holds/ });
  });
});

describe('files of a workbench', () => {
  it.each([
    ['', /Write a name/],
    ['main.S', /already/],
    ['fs.img', /already/],
    ['a b.S', /Letters/],
    ['../x', /Letters/],
    ['.hidden', /Letters/],
    ['/etc', /Letters/],
  ])('cannot be called %j', (name, why) => {
    expect(nameRefusal(project, name)).toMatch(why);
  });

  it('may keep their name, or take a free one', () => {
    expect([nameRefusal(project, 'main.S', 'main.S'), nameRefusal(project, 'src/trap.S')]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('are added, and opened', () => {
    expect(putFile(project, { name: 'new.S', text: 'x' })).toMatchObject({ open: 'new.S', files: { length: 3 } });
  });

  it('take their breakpoints along when they are renamed', () => {
    const renamed = renameFile(project, 'main.S', 'boot.S');
    expect(renamed.files.map(({ name }) => name)).toEqual(['boot.S', 'lib/uart.h']);
    expect(renamed).toMatchObject({ open: 'boot.S', breakpoints: [{ file: 'boot.S', line: 2 }] });
  });

  it('are forgotten by the machine when they are deleted', () => {
    const left = removeFile({ ...project, kernel: 'fs.img' }, 'fs.img');
    expect(left).toMatchObject({ attachments: [], kernel: undefined });
    expect(left.machine.disk).toBeUndefined();
    expect(removeFile(project, 'main.S')).toMatchObject({ open: 'lib/uart.h', breakpoints: [] });
  });
});

describe('files that are brought', () => {
  const bring = (files: readonly GivenFile[], folder = false) => importFiles(project, files, folder);

  it('join the sources, or replace those of their name', () => {
    const { project: next, done } = bring([
      { path: 'main.S', bytes: bytes('new') },
      { path: 'more.c', bytes: bytes('int x;') },
    ]);
    expect(next.files.map(({ name, text }) => [name, text])).toEqual([
      ['main.S', 'new'],
      ['lib/uart.h', ''],
      ['more.c', 'int x;'],
    ]);
    expect(done).toEqual(['Replaced main.S.', 'Added more.c.']);
  });

  it('take the place of all others when they come as a folder, without its name and its hidden files', () => {
    const { project: next } = bring(
      [
        { path: 'os/kernel/start.S', bytes: bytes('a') },
        { path: 'os/user/init.c', bytes: bytes('b') },
        { path: 'os/.git/HEAD', bytes: bytes('c') },
      ],
      true,
    );
    expect(next.files.map(({ name }) => name)).toEqual(['kernel/start.S', 'user/init.c']);
    expect(next).toMatchObject({ attachments: [], title: project.title });
  });

  it('are the disk where they are no text', () => {
    const { project: next, done } = bring([{ path: 'root.img', bytes: Uint8Array.of(1, 0, 2) }]);
    expect(next.machine.disk).toEqual({ size: 0, file: 'root.img' });
    expect(done).toEqual(['root.img is the machine’s disk now.']);
  });

  it('are a kernel where they are Linux: with the firmware, the RAM and the root that it needs', () => {
    const image = new Uint8Array(64);
    image.set(bytes('RSC\u0005'), 56);
    const disk = { path: 'root.img', bytes: new Uint8Array(1024) };
    const { project: next, done } = bring([disk, { path: 'Image', bytes: image }]);
    expect(next).toMatchObject({ kernel: 'Image', append: 'root=/dev/vda rw', initrd: undefined });
    expect(next.machine).toMatchObject({ boot: 'firmware', ram: 128 * 2 ** 20, disk: { file: 'root.img' } });
    expect(done).toContain('Image is a Linux kernel, and what the machine boots now, under firmware.');

    const initrd = { path: 'root.cpio.gz', bytes: Uint8Array.of(0x1f, 0x8b, 8, 0) };
    const other = importFiles(emptyProject, [{ path: 'Image', bytes: image }, initrd], false).project;
    expect(other).toMatchObject({ kernel: 'Image', initrd: 'root.cpio.gz', append: '' });
    expect(removeFile(other, 'root.cpio.gz').initrd).toBeUndefined();
    expect(readProject(writeProject(next))).toEqual({ ok: true, project: next });
  });

  it('are told apart where several could be the same: a kernel lies in RAM, and the largest is the disk', () => {
    const elfAt = (address: bigint): Uint8Array => {
      const built = build([{ name: 'a.S', text: '.globl _start\n_start: j .\n' }], { origin: address });
      if (!built.ok) throw new Error('it builds');
      return writeElf(built.image);
    };
    const { project: next, done } = bring([
      { path: 'kernel/kernel', bytes: elfAt(0x8000_0000n) },
      { path: 'fs.img', bytes: new Uint8Array(2048) },
      { path: 'user/sh', bytes: elfAt(0x1000n) },
      { path: 'user/initcode', bytes: Uint8Array.of(0, 1) },
    ]);
    expect(next).toMatchObject({ kernel: 'kernel/kernel', machine: { boot: 'bare', disk: { file: 'fs.img' } } });
    expect(done.slice(-2)).toEqual(['Attached user/sh.', 'Attached user/initcode.']);
    expect(bring([{ path: 's', bytes: elfAt(0x8020_0000n) }]).project.machine.boot).toBe('firmware');
  });

  it('are at most as many as a workbench that was kept can be opened with, the disk among them', () => {
    const many = Array.from({ length: 300 }, (_, index) => ({ path: `f${index}.c`, bytes: bytes('') }));
    const { project: next, refused } = bring([...many, { path: 'root.img', bytes: new Uint8Array(512) }], true);
    expect(refused[0]).toMatch(/f199\.c: a workbench holds at most 200 files/);
    expect(next.machine.disk?.file).toBe('root.img');
    expect(readProject(writeProject(next)).ok).toBe(true);
  });

  it('are a whole workbench where one was saved', () => {
    const other = { ...emptyProject, title: 'Other' };
    expect(bring([{ path: 'o.json', bytes: bytes(writeProject(other)) }]).project).toEqual(other);
  });

  it('are at most as many as a workbench that was kept can be opened with', () => {
    const many = Array.from({ length: 300 }, (_, index) => ({ path: `f${index}.c`, bytes: bytes('') }));
    const { project: next, refused } = bring(many, true);
    expect(refused[0]).toMatch(/f200\.c: a workbench holds at most 200 files/);
    expect(readProject(writeProject(next)).ok).toBe(true);
  });

  it.each([
    ['a damaged ELF file', [{ path: 'k.elf', bytes: elf }], /^k\.elf: /],
    [
      'a damaged workbench',
      [{ path: 'w.json', bytes: bytes('{"format":"guesthouse-bench"') }],
      /w\.json cannot be opened/,
    ],
    ['a name that no build takes', [{ path: 'a b.S', bytes: bytes('x') }], /a b\.S: /],
    ['an empty folder', [], /no file/],
    ['a picture', [{ path: 'a.png', bytes: Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0) }], /no use for/],
    ['a source that is not UTF-8', [{ path: 'a.c', bytes: Uint8Array.of(0xf6, 0x0a) }], /save it as UTF-8/],
    ['a source that is no text', [{ path: 'a.S', bytes: Uint8Array.of(1, 0, 2) }], /says text, but it is not/],
    ['a packed folder', [{ path: 'os.tar.gz', bytes: Uint8Array.of(0x1f, 0x8b, 8, 0) }], /unpack it/],
  ])('are refused with a reason, and change nothing: %s', (_, files, why) => {
    const { project: next, done, refused } = bring(files, true);
    expect(next).toBe(project);
    expect(done).toEqual([]);
    expect(refused[0]).toMatch(why);
  });
});
