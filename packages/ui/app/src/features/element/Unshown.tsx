import type { JSX } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { downloadAddress, isOurs } from "./address";
import type { ElementView } from "./viewers";
import "./element.css";

interface UnshownProps {
  readonly element: ElementView;
  readonly url: string | undefined;
  /** `missing`: the server has it no more. `elsewhere`: another host keeps it, which this page does not ask. */
  readonly reason: keyof typeof strings.element.unshown;
  /** Trying again may help. */
  readonly onRetry?: () => void;
}

/** In the place of an element that cannot be shown: why, and what can be done. */
export function Unshown({ element, url, reason, onRetry }: UnshownProps): JSX.Element {
  const canGet = url !== undefined && reason !== "missing";
  return (
    <div className="element-card is-unshown">
      <span className="element-kind">
        <Glyph shape={reason === "elsewhere" ? "file" : "warning"} />
      </span>
      <span className="element-words">
        <span className="element-name">{element.name || kindOf(element)}</span>
        <span className="element-facts">{strings.element.unshown[reason]}</span>
      </span>
      {onRetry && (
        <button type="button" className="link-button" onClick={onRetry}>
          {strings.element.retry}
        </button>
      )}
      {canGet && (
        <a
          className="link-button"
          href={downloadAddress(url)}
          {...(isOurs(url)
            ? { download: element.name }
            : { target: "_blank", rel: "noopener noreferrer", referrerPolicy: "no-referrer" })}
        >
          {isOurs(url) ? strings.element.download : strings.element.open}
        </a>
      )}
    </div>
  );
}

/** What stands for the name that it does not have. */
function kindOf({ type }: ElementView): string {
  const { kinds, unnamed } = strings.element;
  return Object.hasOwn(kinds, type) ? kinds[type as keyof typeof kinds] : unnamed;
}
