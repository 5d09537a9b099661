import { type Action, useActions, useAsk, useClient, useConnection, useRun } from "@convo/react";
import { type JSX, useState } from "react";
import { said } from "../../said";
import { strings } from "../../strings";
import { Icon } from "../../ui/Icon";
import "./action.css";

/** The buttons that an app offers below a message. Those of a question answer it. */
export function Actions({ stepId }: { stepId: string }): JSX.Element | null {
  const actions = useActions(stepId);
  const ask = useAsk(stepId);
  if (actions.length === 0) return null;
  const asked = ask?.type === "action" && ask.outcome === undefined ? ask : undefined;
  return (
    <fieldset className="actions">
      <legend className="unseen">{strings.action.group}</legend>
      {actions.map((action) => (
        <ActionButton key={action.id} action={action} askId={asked?.id} />
      ))}
    </fieldset>
  );
}

interface ActionButtonProps {
  readonly action: Action;
  /** The question that it answers. */
  readonly askId: string | undefined;
}

function ActionButton({ action, askId }: ActionButtonProps): JSX.Element {
  const client = useClient();
  const { status } = useConnection();
  const [isAsking, setIsAsking] = useState(false);
  const [runId, setRunId] = useState<string>();
  const run = useRun(runId);
  const isBusy = isAsking || run?.status === "queued" || run?.status === "running";
  const label = action.label || action.name;

  const click = async () => {
    setIsAsking(true);
    try {
      if (askId !== undefined) await client.request({ kind: "answer", askId, value: action.id });
      else {
        const answer = await client.request({ kind: "act", actionId: action.id });
        setRunId((answer.data as { runId?: string } | undefined)?.runId);
      }
    } catch (error) {
      client.showFailure(error);
    }
    setIsAsking(false);
  };

  return (
    <>
      <button
        type="button"
        className="button action"
        title={action.tooltip || undefined}
        disabled={status !== "online"}
        aria-busy={isBusy}
        onClick={() => !isBusy && void click()}
      >
        {isBusy ? <span className="spin" /> : <Icon name={action.icon} small />}
        {label}
        {run?.status === "done" && <span className="unseen">{strings.action.done}</span>}
      </button>
      {run?.status === "failed" && (
        <p className="action-failure" role="alert">
          {strings.action.failed({ label })} {run.error && said(run.error)}{" "}
          {run.error && <code>{strings.run.quote({ id: run.error.id })}</code>}
        </p>
      )}
    </>
  );
}
