/** The seed of a student's variant: FNV-1a over name and lesson, 31 bits, so that a grader finds the same one. */

export function seedOf(student: string, lesson: string): number {
  let hash = 0x811c_9dc5;
  for (const byte of new TextEncoder().encode(`${student.trim().toLowerCase().normalize('NFC')}\n${lesson}`)) {
    hash = Math.imul(hash ^ byte, 0x0100_0193) >>> 0;
  }
  return hash >>> 1;
}
