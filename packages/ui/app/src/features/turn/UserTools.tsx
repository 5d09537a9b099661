import type { Fork } from "@convo/client";
import { type StepView, useAppInfo, useRequest } from "@convo/react";
import type { JSX, RefObject } from "react";
import { strings } from "../../strings";
import { CopyButton } from "../../ui/CopyButton";
import { Glyph } from "../../ui/Glyph";
import { Moment } from "../message/Moment";
import { Versions } from "./Versions";
import "./turn.css";

interface UserToolsProps {
  readonly step: StepView;
  readonly fork: Fork | undefined;
  /** The message has been answered, so it can be said and answered anew. */
  readonly canEdit: boolean;
  readonly editButton: RefObject<HTMLButtonElement | null>;
  readonly onEdit: () => void;
}

/** What can be done with a message of the user's. */
export function UserTools({ step, fork, canEdit, editButton, onEdit }: UserToolsProps): JSX.Element {
  const info = useAppInfo();
  const request = useRequest();
  const isFavourite = step.favourite === true;
  const star = isFavourite ? strings.favourites.remove : strings.favourites.add;
  return (
    <div className="user-foot">
      <Moment at={step.createdAt ?? step.start} />
      <span className="quiet">
        {step.output !== "" && (
          <CopyButton text={() => step.output} label={strings.edit.copy} done={strings.message.copied} />
        )}
        {canEdit && info?.edit !== false && (
          <button
            ref={editButton}
            type="button"
            className="icon-button small"
            aria-label={strings.edit.title}
            title={strings.edit.title}
            onClick={onEdit}
          >
            <Glyph shape="pencil" />
          </button>
        )}
      </span>
      {info?.favourites && step.output !== "" && (
        <span className={isFavourite ? "" : "quiet"}>
          <button
            type="button"
            className="icon-button small is-star"
            aria-pressed={isFavourite}
            aria-label={strings.favourites.one}
            title={star}
            onClick={() => void request({ kind: "favourite", stepId: step.id, on: !isFavourite })}
          >
            <Glyph shape="star" />
          </button>
        </span>
      )}
      {fork && <Versions fork={fork} />}
    </div>
  );
}
