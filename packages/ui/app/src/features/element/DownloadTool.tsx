import { useFileUrl } from "@convo/react";
import type { JSX } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { downloadAddress, isOurs, safeAddress } from "./address";
import type { ElementView } from "./viewers";

/** What offers to save what it shows itself. */
const SAVING: ReadonlySet<string> = new Set(["file", "plotly", "dataframe"]);

/** Saves an element's file, if it has one of ours. */
export function DownloadTool({ element }: { element: ElementView }): JSX.Element | null {
  const url = safeAddress(useFileUrl(element));
  if (url === undefined || !isOurs(url) || SAVING.has(element.type)) return null;
  const label = strings.element.downloadOf({ name: element.name || strings.element.unnamed });
  return (
    <a className="icon-button" href={downloadAddress(url)} download={element.name} aria-label={label} title={label}>
      <Glyph shape="download" />
    </a>
  );
}
