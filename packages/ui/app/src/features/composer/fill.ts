/** Puts text into the message box, as if it had been written there; it may be made of what stands there. */
type Fill = (text: string | ((now: string) => string)) => void;

let fill: Fill | undefined;

/** The message box says how it is filled. Returns how to end that. */
export function onFill(write: Fill): () => void {
  fill = write;
  return () => {
    if (fill === write) fill = undefined;
  };
}

export const fillComposer: Fill = (text) => fill?.(text);
