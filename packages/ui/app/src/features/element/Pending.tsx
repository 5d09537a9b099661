import type { JSX } from "react";
import { strings } from "../../strings";
import type { Content } from "./content";
import { Unshown } from "./Unshown";
import type { ElementView } from "./viewers";
import "./element.css";

/** A viewer, or its content, is on its way. */
export function Loading(): JSX.Element {
  return (
    <div className="element-loading" role="status">
      <span className="spin" />
      {strings.element.loading}
    </div>
  );
}

/** In the place of an element whose content is not there yet, or does not come. */
export function Pending({ element, url, content }: PendingProps): JSX.Element {
  if (content.status === "loading") return <Loading />;
  const { reason, retry } = content;
  const canRetry = reason === "unreachable" || reason === "failed";
  return <Unshown element={element} url={url} reason={reason} {...(canRetry && { onRetry: retry })} />;
}

interface PendingProps {
  readonly element: ElementView;
  readonly url: string | undefined;
  readonly content: Exclude<Content<unknown>, { readonly status: "ready" }>;
}
