import type { McpAdd } from "@convo/client";
import { RequestError } from "@convo/client";
import { useClient } from "@convo/react";
import { type JSX, useId, useState } from "react";
import { said } from "../../said";
import { strings } from "../../strings";

type Transport = NonNullable<McpAdd["transport"]>;

/** What each transport is called by those who write servers: the same in all languages. */
const TRANSPORTS: Readonly<Record<Transport, string>> = { http: "Streamable HTTP", sse: "SSE" };

/** Connects the chat with a server by its address. What the app does not allow is said beside it. */
export function AddServer(): JSX.Element {
  const client = useClient();
  const id = useId();
  const [url, setUrl] = useState("");
  const [transport, setTransport] = useState<Transport>("http");
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const add = async () => {
    setIsBusy(true);
    setProblem(undefined);
    try {
      await client.request({ kind: "mcp-add", url: url.trim(), transport });
      setUrl("");
    } catch (error) {
      setProblem(error instanceof RequestError ? said(error.failure) : String(error));
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <form
      className="mcp-add"
      aria-labelledby={`${id}-title`}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy && url.trim() !== "") void add();
      }}
    >
      <h3 id={`${id}-title`}>{strings.mcp.add}</h3>
      <div className="field">
        <label htmlFor={`${id}-url`}>{strings.mcp.address}</label>
        <input
          id={`${id}-url`}
          className="input"
          type="url"
          dir="ltr"
          autoComplete="off"
          spellCheck={false}
          maxLength={2048}
          placeholder="https://"
          value={url}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-more`}
          onChange={(event) => setUrl(event.target.value)}
        />
      </div>
      <div className="mcp-add-foot">
        <div className="field">
          <label htmlFor={`${id}-transport`}>{strings.mcp.transport}</label>
          <select
            id={`${id}-transport`}
            className="input"
            value={transport}
            onChange={(event) => setTransport(event.target.value as Transport)}
          >
            {Object.entries(TRANSPORTS).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </div>
        <button type="submit" className="button main" aria-disabled={isBusy || url.trim() === ""}>
          {strings.mcp.connect}
        </button>
      </div>
      {problem !== undefined && (
        <p className="field-problem" role="alert">
          {problem}
        </p>
      )}
      <p id={`${id}-more`} className="field-more">
        {strings.mcp.trust}
      </p>
    </form>
  );
}
