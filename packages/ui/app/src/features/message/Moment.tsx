import type { JSX } from "react";
import { formatMoment } from "./clock";

export function Moment({ at }: { at: string | null | undefined }): JSX.Element | null {
  const text = formatMoment(at);
  return text === "" ? null : (
    <time className="moment" dateTime={at ?? undefined}>
      {text}
    </time>
  );
}
