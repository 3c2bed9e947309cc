/** The SBI firmware, built from its sources in `content/guests/firmware`: whoever boots with it brings their texts. */
import type { Image } from '../engine/image.ts';
import { build } from '../engine/toolchain/build.ts';
import { type FirmwareTexts, firmwareFiles } from './firmware-files.ts';

export { type FirmwareTexts, firmwareFiles, inFirmwareFolder } from './firmware-files.ts';

const built = new WeakMap<FirmwareTexts, Image>();

/** Quiet, as everything a guest prints should be its own. Throws if the texts do not build: they are the project's. */
export function firmwareImage(texts: FirmwareTexts): Image {
  const known = built.get(texts);
  if (known !== undefined) return known;
  const result = build(firmwareFiles.map((name) => ({ name, text: texts[name] })));
  if (!result.ok) {
    const [first] = result.diagnostics;
    throw new Error(`the firmware does not build: ${first?.file}:${first?.line}: ${first?.message}`);
  }
  built.set(texts, result.image);
  return result.image;
}
