import type { JSX } from "react";
import { formatBytes } from "../../language/format";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { surface } from "../../ui/surface";
import { downloadAddress, isOurs } from "./address";
import { Unshown } from "./Unshown";
import type { ViewerProps } from "./viewers";

/** A file to save: its name, kind and size. */
export function FileViewer({ element, url }: ViewerProps): JSX.Element {
  if (url === undefined) return <Unshown element={element} url={url} reason="empty" />;
  const name = element.name || strings.element.unnamed;
  const kind = kindOf(element.name, element.mime);
  const facts = [
    element.bytes === undefined ? undefined : formatBytes(element.bytes),
    isOurs(url) ? undefined : new URL(url, surface.base).host,
  ];
  return (
    <a
      className="element-card"
      href={downloadAddress(url)}
      {...(isOurs(url)
        ? { download: element.name }
        : { target: "_blank", rel: "noopener noreferrer", referrerPolicy: "no-referrer" })}
    >
      <span className="unseen">{isOurs(url) ? strings.element.download : strings.element.open}</span>
      {kind !== undefined && kind.length <= 4 ? (
        <span className="element-kind" data-kind={kind} aria-hidden="true" />
      ) : (
        <span className="element-kind" aria-hidden="true">
          <Glyph shape="file" />
        </span>
      )}
      <span className="element-words">
        <span className="element-name">{name}</span>
        <span className="element-facts">{facts.filter(Boolean).join(" · ")}</span>
      </span>
      <Glyph shape={isOurs(url) ? "download" : "leave"} small />
    </a>
  );
}

/** What kind of file it is, in a short word: `CSV`. */
function kindOf(name: string, mime: string | undefined): string | undefined {
  const ending = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1] ?? /\/(?:x-)?([a-z0-9]{1,5})$/i.exec(mime ?? "")?.[1];
  return ending?.toUpperCase();
}
