import { useActions, useAsk, useClient, useElements, useRequest, useStep } from "@convo/react";
import type { JSX } from "react";

/** What a user said. */
export function Said({ id }: { id: string }): JSX.Element {
  const output = useStep(id)?.output;
  return <p className="user">{output}</p>;
}

/** A message of the app, or a step of its work. It renders again for changes of this one alone. */
export function Item({ id }: { id: string }): JSX.Element | null {
  const step = useStep(id);
  if (step === undefined) return null;
  if (!step.isMessage) return <Work id={id} />;
  return (
    <article data-open={step.isOpen}>
      <p>{step.output}</p>
      <Files id={id} />
      <Choices id={id} />
    </article>
  );
}

/** A step, with those below it. */
function Work({ id }: { id: string }): JSX.Element | null {
  const step = useStep(id);
  if (step === undefined) return null;
  return (
    <details data-type={step.type}>
      <summary>
        {step.name} {step.isOpen ? "…" : step.isError ? "failed" : "done"}
      </summary>
      {step.input !== "" && <pre>{step.input}</pre>}
      {step.output !== "" && <pre>{step.output}</pre>}
      {step.children.map((child) => (
        <Work key={child} id={child} />
      ))}
    </details>
  );
}

/** What is shown with a message: pictures as such, all else as a link. */
function Files({ id }: { id: string }): JSX.Element {
  const client = useClient();
  const elements = useElements(id);
  return (
    <>
      {elements.map((element) => {
        const url = client.fileUrl(element);
        if (url === undefined) return null;
        return element.type === "image" ? (
          <img key={element.id} src={url} alt={element.name} />
        ) : (
          <a key={element.id} href={url}>
            {element.name}
          </a>
        );
      })}
    </>
  );
}

/** The buttons of a message. While it asks, pressing one is the answer. */
function Choices({ id }: { id: string }): JSX.Element {
  const actions = useActions(id);
  const ask = useAsk(id);
  const request = useRequest();
  const isPending = ask !== undefined && ask.outcome === undefined;
  const press = (actionId: string): void => {
    void request(isPending ? { kind: "answer", askId: ask.id, value: actionId } : { kind: "act", actionId });
  };
  return (
    <div>
      {actions.map(({ id: actionId, name, label }) => (
        <button key={actionId} type="button" onClick={() => press(actionId)}>
          {label ?? name}
        </button>
      ))}
      {isPending && (
        <button type="button" onClick={() => void request({ kind: "cancel-ask", askId: ask.id })}>
          Never mind
        </button>
      )}
    </div>
  );
}
