import { type JSX, useId } from "react";
import { strings } from "../../strings";
import { surface } from "../../ui/surface";
import { WithCard } from "./Card";

interface CitationProps {
  readonly number: string;
  readonly address: string;
  readonly title: string | undefined;
}

/** A link that is only a number: a source. Its card says where it leads. */
export function Citation({ number, address, title }: CitationProps): JSX.Element {
  const id = useId();
  const url = new URL(address, surface.base);
  const host = url.host.replace(/^www\./, "");
  const path = readable(url);
  const card = (
    <>
      <strong>{title ?? host}</strong>
      <small>{title ? host : path}</small>
      {title && path !== "" && <small>{path}</small>}
    </>
  );
  return (
    <WithCard id={id} card={card}>
      <a
        href={address}
        target="_blank"
        rel="noopener noreferrer"
        aria-label={strings.citation.label({ number, title: title ?? host })}
      >
        {number}
      </a>
    </WithCard>
  );
}

function readable(url: URL): string {
  const path = `${url.pathname}${url.search}`;
  let text = path;
  try {
    text = decodeURI(path);
  } catch {
    // It stays as it is written.
  }
  return text === "/" ? "" : text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
