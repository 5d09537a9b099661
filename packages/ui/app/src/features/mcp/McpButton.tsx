import { useAppInfo, useField } from "@convo/react";
import { type JSX, Suspense, useCallback, useState } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { later } from "../../ui/later";
import { useIntent } from "../shell/intent";
import { serversOf } from "./servers";

const McpDialog = later(() => import("./McpDialog").then((module) => module.McpDialog));

/** Opens the servers that the chat may be connected to, where the app names some or lets users add their own. */
export function McpButton(): JSX.Element | null {
  const info = useAppInfo();
  const canAdd = info?.mcpOwn === true;
  const servers = useField("mcp") ?? {};
  const [isOpen, setIsOpen] = useState(false);
  useIntent(
    "mcp",
    useCallback(() => setIsOpen(true), []),
  );
  const listed = serversOf(info?.mcp ?? [], servers);
  if (listed.length === 0 && !canAdd) return null;
  const connected = listed.filter(({ name }) => servers[name]?.state === "connected").length;
  return (
    <>
      <button
        type="button"
        className={connected > 0 ? "icon-button is-on" : "icon-button"}
        aria-label={strings.mcp.title}
        aria-haspopup="dialog"
        title={strings.mcp.title}
        onClick={() => setIsOpen(true)}
      >
        <Glyph shape="plug" />
      </button>
      {isOpen && (
        <Suspense>
          <McpDialog listed={listed} canAdd={canAdd} onClose={() => setIsOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
