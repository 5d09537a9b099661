import type { McpServerInfo } from "@convo/client";
import { useField } from "@convo/react";
import type { JSX } from "react";
import { strings } from "../../strings";
import { Dialog } from "../../ui/Dialog";
import { AddServer } from "./AddServer";
import { ServerCard } from "./ServerCard";
import "../settings/settings.css";
import "./mcp.css";

interface McpDialogProps {
  readonly listed: readonly McpServerInfo[];
  /** Whether users may add servers by their address. */
  readonly canAdd: boolean;
  readonly onClose: () => void;
}

/** The servers a chat may be connected to, and what those that are have to offer. */
export function McpDialog({ listed, canAdd, onClose }: McpDialogProps): JSX.Element {
  const servers = useField("mcp") ?? {};
  return (
    <Dialog title={strings.mcp.title} onClose={onClose}>
      <ul className="mcp-servers">
        {listed.map((info) => (
          <ServerCard key={info.name} info={info} server={servers[info.name]} />
        ))}
      </ul>
      {canAdd && <AddServer />}
    </Dialog>
  );
}
