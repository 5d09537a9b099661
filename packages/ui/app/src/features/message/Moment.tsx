import type { JSX } from "react";
import { formatExactly, formatMoment, useNow } from "./clock";

/** When something was said. */
export function Moment({ at }: { at: string | null | undefined }): JSX.Element | null {
  const text = formatMoment(at, useNow(at));
  return text === "" || !at ? null : (
    <time className="moment" dateTime={at} title={formatExactly(at)}>
      {text}
    </time>
  );
}
