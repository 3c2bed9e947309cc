/** What comes of asking for a translation: a page, or the kind of fault that the access is. */
export const findings = ['ok', 'page-fault', 'access-fault', 'guest-page-fault', 'misaligned'] as const;
export type Finding = (typeof findings)[number];

export const finding = (name: Finding): number => findings.indexOf(name);

/** A guest physical address that the second stage does not map for this access. */
export interface GuestFault {
  readonly low: number;
  readonly high: number;
  /** The access to a guest's page table that needed it, if it was one. */
  readonly implicit: 'read' | 'write' | undefined;
}
