import type { McpServer, McpServerInfo, McpTool } from "@convo/client";
import { useClient, useThread } from "@convo/react";
import { type JSX, type ReactNode, useId } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { reasonOf, signInAddress, statusOf } from "./status";

interface ServerCardProps {
  readonly info: McpServerInfo;
  readonly server: McpServer | undefined;
}

/** One server: how it is, what it offers, and what may be done about it. */
export function ServerCard({ info, server }: ServerCardProps): JSX.Element {
  const client = useClient();
  const thread = useThread()?.id;
  const heading = useId();
  const { name } = info;
  const state = server?.state ?? "off";
  const isHeld = state === "connected" || state === "connecting";
  const isOwn = server?.own === true;
  const reason = reasonOf(server);
  const request = (command: Parameters<typeof client.request>[0]) =>
    void client.request(command).catch((error) => client.showFailure(error));
  const action = isHeld ? strings.mcp.disconnect : state === "failed" ? strings.run.again : strings.mcp.connect;
  return (
    <li className="mcp-server" aria-labelledby={heading}>
      <div className="mcp-head">
        <span className={`mcp-sign is-${state}`} aria-hidden="true" />
        <div className="mcp-name">
          <h3 id={heading}>{name}</h3>
          <span className="mcp-state" role="status">
            {statusOf(state)}
          </span>
        </div>
        {state === "needs-sign-in" && thread !== undefined ? (
          <a
            className="button main"
            href={signInAddress(name, thread)}
            target="_blank"
            rel="noopener"
            aria-describedby={heading}
          >
            {strings.mcp.signIn}
          </a>
        ) : (
          !(isOwn && isHeld) && (
            <button
              type="button"
              className={isHeld ? "button" : "button main"}
              aria-describedby={heading}
              onClick={() => request({ kind: isHeld ? "mcp-disconnect" : "mcp-connect", name })}
            >
              {action}
            </button>
          )
        )}
        {isOwn && (
          <button
            type="button"
            className="icon-button"
            aria-label={strings.upload.remove({ name })}
            title={strings.upload.remove({ name })}
            onClick={() => request({ kind: "mcp-disconnect", name })}
          >
            <Glyph shape="trash" small />
          </button>
        )}
      </div>
      {info.description && <p className="field-more">{info.description}</p>}
      {isOwn && <p className="field-more">{strings.mcp.own}</p>}
      {reason !== undefined && (
        <p
          className={state === "failed" ? "mcp-reason is-bad" : "mcp-reason"}
          role={state === "failed" ? "alert" : "status"}
        >
          <Glyph shape="warning" small />
          <span>
            {reason}
            {server?.detail && <code>{server.detail}</code>}
          </span>
        </p>
      )}
      {server !== undefined && state === "connected" && (
        <Offered server={server} onSwitch={(tool, on) => request({ kind: "mcp-switch", name, tool: tool.name, on })} />
      )}
    </li>
  );
}

interface OfferedProps {
  readonly server: McpServer;
  readonly onSwitch: (tool: McpTool, on: boolean) => void;
}

function Offered({ server, onSwitch }: OfferedProps): JSX.Element {
  const { tools = [], resources = [], prompts = [] } = server;
  if (tools.length + resources.length + prompts.length === 0) return <p className="field-more">{strings.mcp.none}</p>;
  return (
    <>
      <Section title={strings.mcp.tools} count={tools.length} isOpen>
        {tools.map((tool) => (
          <ToolRow key={tool.name} tool={tool} onSwitch={(on) => onSwitch(tool, on)} />
        ))}
      </Section>
      <Section title={strings.mcp.resources} count={resources.length}>
        {resources.map((one) => (
          <Row key={one.uri} name={one.name} more={one.description || one.uri} />
        ))}
      </Section>
      <Section title={strings.mcp.prompts} count={prompts.length}>
        {prompts.map((one) => (
          <Row key={one.name} name={one.name} more={one.description} />
        ))}
      </Section>
    </>
  );
}

interface SectionProps {
  readonly title: string;
  readonly count: number;
  readonly isOpen?: boolean;
  readonly children: ReactNode;
}

function Section({ title, count, isOpen = false, children }: SectionProps): JSX.Element | null {
  if (count === 0) return null;
  return (
    <details className="mcp-section" open={isOpen}>
      <summary>
        <Glyph shape="chevron" small />
        {title} <span>{count}</span>
      </summary>
      <ul>{children}</ul>
    </details>
  );
}

function ToolRow({ tool, onSwitch }: { tool: McpTool; onSwitch: (on: boolean) => void }): JSX.Element {
  const id = useId();
  const isOn = tool.on !== false;
  return (
    <li className="field is-beside">
      <label htmlFor={id}>
        {tool.name}
        {isOn && tool.asks !== false && <span className="mcp-asks">{strings.mcp.asks}</span>}
      </label>
      <input
        id={id}
        type="checkbox"
        {...{ role: "switch" }}
        className="switch"
        checked={isOn}
        aria-describedby={tool.description ? `${id}-more` : undefined}
        onChange={(event) => onSwitch(event.target.checked)}
      />
      {tool.description && (
        <p id={`${id}-more`} className="field-more">
          {tool.description}
        </p>
      )}
    </li>
  );
}

function Row({ name, more }: { name: string; more: string | undefined }): JSX.Element {
  return (
    <li className="mcp-row">
      <b>{name}</b>
      {more && <p className="field-more">{more}</p>}
    </li>
  );
}
