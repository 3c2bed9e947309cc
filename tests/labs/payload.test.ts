import { describe, expect, it } from 'vitest';
import { writeElf } from '../../src/engine/toolchain/elf.ts';
import { payloadOf } from '../../src/labs/payload.ts';
import { imageOf } from '../machine/program.ts';

describe('a file to boot', () => {
  it('is an image if it is ELF, bytes otherwise', () => {
    const elf = payloadOf('kernel', writeElf(imageOf([0x13])));
    expect(elf).toMatchObject({ ok: true, payload: { entry: 0x8000_0000n } });
    const flat = Uint8Array.of(0x13, 0, 0, 0);
    expect(payloadOf('kernel', flat)).toEqual({ ok: true, payload: flat });
  });

  it('is refused by name if it is broken ELF', () => {
    const broken = payloadOf('kernel.elf', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2));
    expect(broken).toMatchObject({ ok: false, message: expect.stringMatching(/^kernel\.elf: /) });
  });
});
