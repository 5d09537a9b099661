import type { ShareInfo } from "@convo/client";
import { RequestError } from "@convo/client";
import { useClient } from "@convo/react";
import { type JSX, useCallback, useEffect, useId, useRef, useState } from "react";
import { said } from "../../said";
import { strings } from "../../strings";
import { CopyButton } from "../../ui/CopyButton";
import { Dialog } from "../../ui/Dialog";
import { Glyph } from "../../ui/Glyph";
import { formatMoment } from "../message/clock";
import { announce } from "../thread/announcement";
import { createShare, listShares, revokeShare, type ShareKind } from "./shares";
import "./share.css";

const KINDS: readonly ShareKind[] = ["snapshot", "live"];
const SHAPES = { snapshot: "camera", live: "broadcast" } as const;

interface ShareDialogProps {
  readonly thread: string;
  readonly onClose: () => void;
}

/** Makes links to a thread, shows those there are, and takes them back. */
export function ShareDialog({ thread, onClose }: ShareDialogProps): JSX.Element {
  const client = useClient();
  const [shares, setShares] = useState<readonly ShareInfo[]>();
  const [fresh, setFresh] = useState<string>();
  const [kind, setKind] = useState<ShareKind>("snapshot");
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const links = useId();

  const attempt = useCallback(async (work: () => Promise<void>) => {
    setIsBusy(true);
    setFailure(undefined);
    try {
      await work();
    } catch (error) {
      setFailure(error instanceof RequestError ? said(error.failure) : String(error));
    } finally {
      setIsBusy(false);
    }
  }, []);
  const load = useCallback(
    () => attempt(async () => setShares(await listShares(client, thread))),
    [attempt, client, thread],
  );
  useEffect(() => void load(), [load]);

  const create = () =>
    attempt(async () => {
      const share = await createShare(client, thread, kind);
      setShares((known) => [share, ...(known ?? [])]);
      setFresh(share.id);
    });
  const revoke = (id: string) =>
    attempt(async () => {
      setShares(await revokeShare(client, thread, id));
      if (fresh === id) setFresh(undefined);
      announce(strings.sharing.revoked);
    });

  return (
    <Dialog title={strings.sharing.title} onClose={onClose}>
      <p className="share-intro">{strings.sharing.intro}</p>
      <form
        className="share-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy) void create();
        }}
      >
        <fieldset className="share-kinds">
          <legend className="unseen">{strings.sharing.kinds}</legend>
          {KINDS.map((one) => (
            <label key={one} className={one === kind ? "share-kind is-chosen" : "share-kind"}>
              <input type="radio" name="kind" value={one} checked={one === kind} onChange={() => setKind(one)} />
              <Glyph shape={SHAPES[one]} />
              <span>
                <b>{strings.sharing.kind[one]}</b>
                <span>{strings.sharing.hint[one]}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <button type="submit" className="button main" aria-disabled={isBusy}>
          <Glyph shape="link" small />
          {strings.sharing.create}
        </button>
      </form>
      {failure !== undefined && (
        <p className="share-failure" role="alert">
          <Glyph shape="warning" small />
          <span>{failure}</span>
          {shares === undefined && (
            <button type="button" className="link-button" onClick={() => void load()}>
              {strings.sharing.retry}
            </button>
          )}
        </p>
      )}
      {shares === undefined && failure === undefined && (
        <p className="share-none" role="status">
          <span className="spin" />
          <span className="unseen">{strings.sharing.loading}</span>
        </p>
      )}
      {shares?.length === 0 && <p className="share-none">{strings.sharing.none}</p>}
      {shares !== undefined && shares.length > 0 && (
        <section aria-labelledby={links}>
          <h3 id={links} className="share-heading">
            {strings.sharing.links}
          </h3>
          <ul className="share-list">
            {shares.map((share) => (
              <Link
                key={share.id}
                share={share}
                address={client.pageUrl(share)}
                isFresh={share.id === fresh}
                onRevoke={() => void (isBusy || revoke(share.id))}
              />
            ))}
          </ul>
        </section>
      )}
    </Dialog>
  );
}

interface LinkProps {
  readonly share: ShareInfo;
  readonly address: string;
  /** It was made a moment ago. */
  readonly isFresh: boolean;
  readonly onRevoke: () => void;
}

function Link({ share, address, isFresh, onRevoke }: LinkProps): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const moment = formatMoment(share.createdAt);
  useEffect(() => {
    if (!isFresh) return;
    field.current?.focus();
    field.current?.scrollIntoView({ block: "nearest" });
  }, [isFresh]);
  return (
    <li className={isFresh ? "share-item is-fresh" : "share-item"}>
      <div className="share-line">
        <Glyph shape={SHAPES[share.kind]} small />
        <span>
          <b>{strings.sharing.kind[share.kind]}</b>, {strings.sharing.made({ moment })}
        </span>
        <button
          type="button"
          className="link-button is-bad"
          aria-label={strings.sharing.revokeOf({ kind: strings.sharing.kind[share.kind], moment })}
          onClick={onRevoke}
        >
          {strings.sharing.revoke}
        </button>
      </div>
      <div className="share-address">
        <input
          ref={field}
          className="share-field"
          aria-label={`${strings.sharing.link}: ${strings.sharing.kind[share.kind]}`}
          value={address}
          readOnly
          onFocus={(event) => selectAll(event.currentTarget)}
        />
        <CopyButton text={() => address} label={strings.sharing.copy} done={strings.sharing.copied} />
        <a
          className="icon-button small"
          href={address}
          target="_blank"
          rel="noreferrer"
          aria-label={strings.sharing.open}
          title={strings.sharing.open}
        >
          <Glyph shape="leave" />
        </a>
      </div>
    </li>
  );
}

/** From the end backward, so that its beginning stays in sight. */
function selectAll(field: HTMLInputElement): void {
  field.setSelectionRange(0, field.value.length, "backward");
}
