import { RequestError } from "@convo/client";
import { useClient, useRemovals } from "@convo/react";
import { type JSX, useEffect, useState } from "react";
import { strings } from "../../strings";
import { historyOf } from "./history";

/** What was deleted, for as long as it can be taken back. It survives a reload, and is in every tab. */
export function Undo(): JSX.Element {
  const client = useClient();
  const removals = useRemovals();
  const [now, setNow] = useState(() => client.now());
  const open = removals.filter(({ until }) => Date.parse(until) > now);
  const next = Math.min(...open.map(({ until }) => Date.parse(until)));
  useEffect(() => {
    setNow(client.now());
    if (!Number.isFinite(next)) return;
    const timer = setTimeout(() => setNow(client.now()), Math.max(0, next - client.now()) + 50);
    return () => clearTimeout(timer);
  }, [client, next]);
  const undo = async (id: string) => {
    try {
      await historyOf(client).restore(id);
    } catch (error) {
      const isLate = error instanceof RequestError && ["expired", "not-found"].includes(error.failure.code);
      if (isLate) client.showToast(strings.chats.tooLate, "warning");
      else client.showFailure(error);
    }
  };
  return (
    <div className="side-undo" role="status">
      {open.map(({ id, name }) => (
        <div key={id} className="side-removal">
          <span>{strings.chats.deleted({ name: name ?? strings.chats.unnamed })}</span>
          <button type="button" className="link-button" onClick={() => void undo(id)}>
            {strings.chats.undo}
          </button>
        </div>
      ))}
    </div>
  );
}
