import type { TraceNode } from "@convo/react";
import type { CSSProperties, JSX } from "react";
import { type Axis, placeOf, ticksOf } from "./axis";
import { formatSpan, formatTick } from "./facts";

const TICKS = 4;

/** The times of the axis. */
export function Ticks({ axis }: { axis: Axis }): JSX.Element {
  return (
    <span className="traced-ticks" aria-hidden="true">
      {ticksOf(axis.span, TICKS).map((tick) => (
        <span key={tick} style={{ "--from": `${(tick / axis.span) * 100}%` } as CSSProperties}>
          {formatTick(tick)}
        </span>
      ))}
    </span>
  );
}

/** When a step ran: a bar that is pale until its model's first piece. */
export function Bar({ node, axis }: { node: TraceNode; axis: Axis }): JSX.Element | null {
  const { start, firstAt, end, status } = node;
  const whole = placeOf(axis, start, end);
  if (start === undefined || whole === undefined) return null;
  const waiting = firstAt === undefined ? undefined : placeOf(axis, start, firstAt);
  const share = waiting === undefined || whole.width === 0 ? 0 : Math.min(100, (waiting.width / whole.width) * 100);
  const style = { "--from": `${whole.from}%`, "--width": `${whole.width}%`, "--waiting": `${share}%` };
  return (
    <>
      <span className="unseen">+{formatSpan(Math.max(0, start - axis.start))}</span>
      <i className={`traced-bar is-${status}`} style={style as CSSProperties} aria-hidden="true" />
    </>
  );
}
