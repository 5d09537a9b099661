import type { ConvoClient, Token } from "@convo/client";
import { type FormEvent, type JSX, useId, useState } from "react";
import { formatDay } from "../../language/format";
import { strings } from "../../strings";
import { CopyButton } from "../../ui/CopyButton";
import { Dialog } from "../../ui/Dialog";
import { formatMoment } from "../message/clock";
import { SignInRow, useSignIns } from "./SignInRows";
import "../settings/settings.css";
import "./login.css";

const words = strings.signIn.tokens;
const DAYS = [30, 90, 365] as const;

/** The user's tokens for programs: made, seen once, ended. */
export function Tokens({
  client,
  onClose,
}: {
  readonly client: ConvoClient;
  readonly onClose: () => void;
}): JSX.Element {
  const id = useId();
  const { list, read, end } = useSignIns(client, "auth/tokens");
  const [made, setMade] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);

  const make = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const days = Number(data.get("days"));
    setIsBusy(true);
    try {
      const body = { label: data.get("label"), ...(days > 0 && { days }) };
      setMade((await client.api<Token>("POST", "auth/tokens", { body })).token);
      form.reset();
      await read();
    } catch (error) {
      client.showFailure(error);
    }
    setIsBusy(false);
  };

  return (
    <Dialog title={words.title} onClose={onClose}>
      <div className="tokens">
        <p className="field-more">{words.hint}</p>
        {made !== undefined && (
          <div className="token-made" role="status">
            <code>{made}</code>
            <CopyButton text={() => made} label={words.copy} done={words.copied} />
            <p>{words.made}</p>
          </div>
        )}
        <form className="settings token-form" onSubmit={(event) => void make(event)}>
          <div className="field">
            <label htmlFor={`${id}-label`}>{words.label}</label>
            <input id={`${id}-label`} name="label" className="input" maxLength={200} autoComplete="off" required />
          </div>
          <div className="field">
            <label htmlFor={`${id}-days`}>{words.days}</label>
            <select id={`${id}-days`} name="days" className="input" defaultValue={DAYS[1]}>
              {DAYS.map((days) => (
                <option key={days} value={days}>
                  {words.inDays({ days })}
                </option>
              ))}
              <option value="0">{words.forGood}</option>
            </select>
          </div>
          <button type="submit" className="button main" disabled={isBusy}>
            {words.make}
          </button>
        </form>
        {list?.length === 0 && <p className="field-more">{words.none}</p>}
        <ul className="sign-in-rows">
          {list?.map((one) => (
            <SignInRow
              key={one.id}
              name={one.label}
              more={[
                words.madeAt({ moment: formatMoment(one.createdAt) }),
                one.expiresAt && words.until({ moment: formatDay(new Date(one.expiresAt)) }),
              ]
                .filter(Boolean)
                .join(", ")}
              action={{ name: words.end({ name: one.label }), label: words.endShort, run: () => void end(one.id) }}
            />
          ))}
        </ul>
      </div>
    </Dialog>
  );
}
