import { useClient } from "@convo/react";
import { type JSX, useEffect, useState } from "react";
import { strings } from "../../strings";

/** What is left until a moment, by the server's clock. Nothing for what is more than a day away. */
export function Countdown({ until }: { until: string | undefined }): JSX.Element | null {
  const client = useClient();
  const end = until === undefined ? Number.NaN : Date.parse(until);
  const [left, setLeft] = useState(() => secondsUntil(end, client.now()));
  useEffect(() => {
    const timer = setInterval(() => setLeft(secondsUntil(end, client.now())), 500);
    return () => clearInterval(timer);
  }, [end, client]);
  if (Number.isNaN(left) || left > 24 * 3600) return null;
  return (
    <span className="countdown" role="timer" aria-label={strings.ask.left({ seconds: left })}>
      {strings.ask.expires({ clock: clock(left) })}
    </span>
  );
}

function secondsUntil(end: number, now: number): number {
  return Math.max(0, Math.ceil((end - now) / 1000));
}

function clock(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
