import type { Fork } from "@convo/client";
import { useAppInfo, useAsk, useIsViewer, useRequest, useRun, useStep, useWork } from "@convo/react";
import type { JSX } from "react";
import { strings } from "../../strings";
import { CopyButton } from "../../ui/CopyButton";
import { Glyph } from "../../ui/Glyph";
import { Moment } from "../message/Moment";
import { TraceButton } from "../trace/TraceButton";
import { Rating } from "./Rating";
import { Versions } from "./Versions";
import "./turn.css";

interface AnswerToolsProps {
  readonly id: string;
  readonly fork: Fork | undefined;
  /** It is being written. */
  readonly isOpen: boolean;
}

/** What can be done with an answer. */
export function AnswerTools({ id, fork, isOpen }: AnswerToolsProps): JSX.Element | null {
  if (!isOpen) return <FinishedTools id={id} fork={fork} />;
  return fork ? (
    <div className="tools">
      <Versions fork={fork} />
    </div>
  ) : null;
}

function FinishedTools({ id, fork }: { id: string; fork: Fork | undefined }): JSX.Element | null {
  const step = useStep(id);
  const info = useAppInfo();
  const run = useRun(step?.runId);
  const ask = useAsk(id);
  const request = useRequest();
  const isViewer = useIsViewer();
  const work = useWork(run?.id);
  if (step === undefined || (step.output === "" && !fork)) return null;
  const isAsking = ask !== undefined && ask.outcome === undefined;
  const isAnswer = step.type === "assistant_message" && !isAsking;
  const canAgain = !isViewer && isAnswer && run?.callback === "on_message" && run.trigger !== undefined;
  return (
    <div className="tools">
      <CopyButton text={() => step.output} label={strings.message.copy} done={strings.message.copied} />
      {isAnswer && info?.feedback !== false && <Rating step={step} />}
      {canAgain && (
        <button
          type="button"
          className="icon-button small"
          aria-label={strings.message.again}
          title={strings.message.again}
          onClick={() => void request({ kind: "regenerate", messageId: step.id })}
        >
          <Glyph shape="again" />
        </button>
      )}
      {isAnswer && run && work > 0 && <TraceButton runId={run.id} />}
      {fork && <Versions fork={fork} />}
      <Moment at={step.end ?? step.createdAt} />
    </div>
  );
}
