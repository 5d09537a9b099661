import { type OutboxEntry, type Turn, useIsViewer } from "@convo/react";
import { type JSX, type RefObject, useEffect } from "react";
import { loadAhead } from "../../ui/later";
import { Editor } from "../message/UserMessage";
import { Outbox } from "./Outbox";
import { Turns } from "./Turns";

interface TranscriptProps {
  readonly turns: readonly Turn[];
  readonly outbox: readonly OutboxEntry[];
  readonly frame: RefObject<HTMLElement | null>;
}

/** What was said, and what is on its way. All that can be in it is loaded apart from the page around it. */
export function Transcript({ turns, outbox, frame }: TranscriptProps): JSX.Element {
  const isViewer = useIsViewer();
  useEffect(() => (isViewer ? undefined : loadAhead(Editor)), [isViewer]);
  return (
    <>
      <Turns turns={turns} frame={frame} />
      <Outbox entries={outbox} />
    </>
  );
}
