import { useClient, useRuns } from "@convo/react";
import type { JSX } from "react";
import { said } from "../../said";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";

interface QueueProps {
  readonly onTakenBack: (text: string) => void;
  readonly onProblem: (text: string) => void;
}

/** Messages that wait for the current answer, in their order. */
export function Queue({ onTakenBack, onProblem }: QueueProps): JSX.Element | null {
  const { queued } = useRuns();
  const client = useClient();
  const waiting = queued.filter((run) => run.text !== undefined && run.text !== null);
  if (waiting.length === 0) return null;
  return (
    <ul className="queue">
      {waiting.map((run) => {
        const text = run.text ?? "";
        return (
          <li key={run.id}>
            <Glyph shape="bolt" small />
            <span>
              {strings.composer.next} “{text}”
            </span>
            <button
              type="button"
              className="icon-button small"
              aria-label={strings.composer.remove({ text })}
              onClick={() =>
                void client.command({ kind: "dequeue", runId: run.id }).then(
                  (answer) => {
                    if (answer.ok) onTakenBack(text);
                    else onProblem(answer.error ? said(answer.error) : strings.composer.removeFailed);
                  },
                  () => onProblem(strings.composer.removeFailed),
                )
              }
            >
              <Glyph shape="cross" small />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
