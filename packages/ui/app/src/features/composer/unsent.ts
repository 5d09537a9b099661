/** What stands in the message box and was not sent. */
export interface Unsent {
  readonly text: boolean;
  readonly files: boolean;
}

const NOTHING: Unsent = { text: false, files: false };
let current: Unsent = NOTHING;

export function setUnsent(next: Unsent | undefined): void {
  current = next ?? NOTHING;
}

export function unsent(): Unsent {
  return current;
}
