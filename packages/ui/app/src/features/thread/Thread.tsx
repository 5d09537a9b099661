import { useConnection, useHello, useOutbox, useTurns } from "@convo/react";
import { type JSX, Suspense, useEffect, useRef } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { later } from "../../ui/later";
import { useBottom } from "./bottom";
import { EmptyThread } from "./EmptyThread";
import "./thread.css";

const Transcript = later(() => import("./Transcript").then((module) => module.Transcript));

export function Thread(): JSX.Element {
  const turns = useTurns();
  const outbox = useOutbox();
  const { status } = useConnection();
  const frame = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const { isAway, goThere } = useBottom(frame, content, useHello()?.thread);
  const sent = outbox.at(-1)?.id;
  // Who says something wants to see the answer.
  useEffect(() => {
    if (sent !== undefined) goThere();
  }, [sent, goThere]);
  const isEmpty = turns.length === 0 && outbox.length === 0;
  return (
    <div className="thread-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the transcript scrolls, also by keyboard */}
      <section ref={frame} className="scroll" aria-label={strings.app.conversation} tabIndex={0}>
        <div ref={content} className="thread">
          {isEmpty ? (
            status !== "refused" && <EmptyThread isLoading={status === "connecting"} />
          ) : (
            <Suspense fallback={<EmptyThread isLoading />}>
              <Transcript turns={turns} outbox={outbox} frame={frame} />
            </Suspense>
          )}
        </div>
      </section>
      {isAway && (
        <button
          type="button"
          className="to-bottom"
          aria-label={strings.message.toBottom}
          title={strings.message.toBottom}
          onClick={goThere}
        >
          <Glyph shape="arrowDown" />
        </button>
      )}
    </div>
  );
}
