import type { Fork } from "@convo/client";
import { useClient } from "@convo/react";
import { type JSX, type KeyboardEvent, useEffect, useRef } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { announce } from "../thread/announcement";
import "./turn.css";

/** What was turned to last, and by which button: the one that takes its place gets the focus. */
let turned: { readonly key: string; readonly step: -1 | 1 } | undefined;

/** Turns between the messages that stand in one place of the conversation. */
export function Versions({ fork }: { fork: Fork }): JSX.Element {
  const client = useClient();
  const back = useRef<HTMLButtonElement>(null);
  const on = useRef<HTMLButtonElement>(null);
  const count = fork.ids.length + (fork.pending === undefined ? 0 : 1);
  const shown = keyOf(fork, fork.at);

  useEffect(() => {
    if (turned?.key !== shown) return;
    (turned.step < 0 ? back : on).current?.focus({ preventScroll: true });
    turned = undefined;
    announce(strings.versions.at({ at: fork.at + 1, count }));
  }, [shown, fork.at, count]);

  const turn = (step: -1 | 1) => {
    const at = fork.at + step;
    if (at < 0 || at >= count) return;
    turned = { key: keyOf(fork, at), step };
    const id = fork.ids[at];
    const shows = id === undefined ? client.showPending(fork.pending ?? "") : client.showBranch(id);
    shows.catch((error) => client.showFailure(error));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    turn(event.key === "ArrowLeft" ? -1 : 1);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is a form's
    <div className="versions" role="group" aria-label={strings.versions.title} onKeyDown={onKeyDown}>
      <button
        ref={back}
        type="button"
        className="icon-button small is-back"
        aria-label={strings.versions.back}
        aria-disabled={fork.at === 0}
        title={strings.versions.back}
        onClick={() => turn(-1)}
      >
        <Glyph shape="chevron" small />
      </button>
      <span>
        {fork.at + 1}
        <span aria-hidden="true">/</span>
        <span className="unseen"> {strings.versions.of} </span>
        {count}
      </span>
      <button
        ref={on}
        type="button"
        className="icon-button small"
        aria-label={strings.versions.on}
        aria-disabled={fork.at === count - 1}
        title={strings.versions.on}
        onClick={() => turn(1)}
      >
        <Glyph shape="chevron" small />
      </button>
    </div>
  );
}

function keyOf(fork: Fork, at: number): string {
  return fork.ids[at] ?? `after ${fork.pending}`;
}
