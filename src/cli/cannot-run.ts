/** Something that keeps a guest from being run; the message says what to do. */
export class CannotRun extends Error {}
