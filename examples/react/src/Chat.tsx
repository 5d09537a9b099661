import { useCommands, useConnection, useOutbox, useRuns, useToasts, useTurns } from "@convo/react";
import type { JSX } from "react";
import { Composer } from "./Composer";
import { Item, Said } from "./Item";

export function Chat(): JSX.Element {
  const turns = useTurns();
  return (
    <>
      <header>
        <h1>Kitchen</h1>
        <ConnectionLine />
      </header>
      <main aria-live="polite">
        {turns.map((turn) => (
          <section key={turn.id}>
            {turn.user !== undefined && <Said id={turn.user} />}
            {turn.items.map((id) => (
              <Item key={id} id={id} />
            ))}
          </section>
        ))}
        <Waiting />
      </main>
      <Toasts />
      <Composer />
    </>
  );
}

/** What the connection is doing, in words. */
function ConnectionLine(): JSX.Element {
  const { status, failure } = useConnection();
  return (
    <p role="status" data-status={status}>
      {status}
      {failure !== undefined && `: ${failure.text}`}
    </p>
  );
}

/** What was said and is not in the conversation yet: on its way, or in line behind an answer. */
function Waiting(): JSX.Element {
  const outbox = useOutbox();
  const { queued } = useRuns();
  const { retry, discard, dequeue } = useCommands();
  return (
    <ul>
      {outbox.map(({ id, content, status, failure }) => (
        <li key={id}>
          {content} <small>({failure?.text ?? status})</small>
          {status === "failed" && (
            <>
              <button type="button" onClick={() => retry(id)}>
                Try again
              </button>
              <button type="button" onClick={() => discard(id)}>
                Discard
              </button>
            </>
          )}
        </li>
      ))}
      {queued.map(({ id, text }) => (
        <li key={id}>
          {text} <small>(in line)</small>
          <button type="button" onClick={() => void dequeue(id)}>
            Take back
          </button>
        </li>
      ))}
    </ul>
  );
}

function Toasts(): JSX.Element {
  const { toasts, dismiss } = useToasts();
  return (
    <div role="alert">
      {toasts.map(({ id, message }) => (
        <button key={id} type="button" onClick={() => dismiss(id)}>
          {message}
        </button>
      ))}
    </div>
  );
}
