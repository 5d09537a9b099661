import type { Finding } from "@convo/client";
import { useClient, useConnection } from "@convo/react";
import { type JSX, type KeyboardEvent, useEffect, useRef } from "react";
import { strings } from "../../strings";
import { surface } from "../../ui/surface";
import { addressOf } from "../app/route";
import { useFindings } from "./find";
import { Marked } from "./Marked";
import { isPlainClick } from "./press";
import { visit } from "./visit";

interface FindingsProps {
  readonly query: string;
  readonly onVisit: (() => void) | undefined;
}

/** What was found, with the words around it. */
export function Findings({ query, onVisit }: FindingsProps): JSX.Element {
  const { status, findings, hasMore, loadMore, retry } = useFindings(query);
  const { status: connection } = useConnection();
  const list = useRef<HTMLUListElement>(null);
  const before = useRef(connection);
  useEffect(() => {
    if (status === "failed" && before.current !== "online" && connection === "online") retry();
    before.current = connection;
  }, [status, connection, retry]);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const links = [...(list.current?.querySelectorAll<HTMLElement>("a") ?? [])];
    const at = links.indexOf(surface.root.activeElement as HTMLElement);
    if (step === undefined || at < 0) return;
    event.preventDefault();
    links[Math.min(links.length - 1, Math.max(0, at + step))]?.focus();
  };

  return (
    <div className="side-scroll">
      <p className="unseen" role="status">
        {status === "ready" &&
          findings.length > 0 &&
          strings.chats[hasMore ? "foundMore" : "found"]({ count: findings.length })}
        {status === "searching" && strings.chats.searching}
      </p>
      {status === "ready" && findings.length === 0 && <p className="side-say">{strings.chats.none({ query })}</p>}
      {status === "failed" && (
        <p className="side-say" role="alert">
          {strings.chats.searchFailed}{" "}
          <button type="button" className="link-button" onClick={retry}>
            {strings.chats.retry}
          </button>
        </p>
      )}
      <ul ref={list} className={status === "searching" ? "side-found is-stale" : "side-found"} onKeyDown={onKeyDown}>
        {findings.map((finding) => (
          <Found key={`${finding.thread.id} ${finding.stepId ?? ""}`} finding={finding} onVisit={onVisit} />
        ))}
      </ul>
      {hasMore && (
        <button type="button" className="link-button side-more-found" onClick={loadMore}>
          {strings.chats.more}
        </button>
      )}
    </div>
  );
}

function Found({ finding, onVisit }: { finding: Finding; onVisit: (() => void) | undefined }): JSX.Element {
  const client = useClient();
  const { thread, stepId, snippet, marks } = finding;
  const name = thread.name ?? strings.chats.unnamed;
  return (
    <li>
      <a
        className="side-link is-found"
        href={addressOf(thread.id)}
        onClick={(event) => {
          if (!isPlainClick(event)) return;
          event.preventDefault();
          onVisit?.();
          void visit(client, thread.id, stepId);
        }}
      >
        <span className="side-name">{stepId === undefined ? <Marked text={snippet} marks={marks} /> : name}</span>
        {stepId !== undefined && (
          <span className="side-snippet">
            <Marked text={snippet} marks={marks} />
          </span>
        )}
      </a>
    </li>
  );
}
