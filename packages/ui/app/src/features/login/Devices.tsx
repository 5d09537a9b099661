import type { ConvoClient, SignInInfo } from "@convo/client";
import type { JSX } from "react";
import { strings } from "../../strings";
import { Dialog } from "../../ui/Dialog";
import { formatMoment } from "../message/clock";
import { signOut } from "./account";
import { browserOf } from "./browser";
import { SignInRow, useSignIns } from "./SignInRows";
import "./login.css";

const words = strings.signIn.devices;

/** Where the user is signed in, and how to end that. */
export function Devices({
  client,
  onClose,
}: {
  readonly client: ConvoClient;
  readonly onClose: () => void;
}): JSX.Element {
  const { list, end } = useSignIns(client, "auth/sessions");
  return (
    <Dialog
      title={words.title}
      onClose={onClose}
      footer={
        <button type="button" className="button" onClick={() => void signOut(client, true)}>
          {strings.signIn.everywhere}
        </button>
      }
    >
      <ul className="sign-in-rows" aria-busy={list === undefined}>
        {list?.map((one) => (
          <SignInRow
            key={one.id}
            name={nameOf(one)}
            more={one.current ? words.here : words.seen({ moment: formatMoment(one.seenAt) })}
            {...(!one.current && {
              action: { name: words.end({ name: nameOf(one) }), label: words.endShort, run: () => void end(one.id) },
            })}
          />
        ))}
      </ul>
    </Dialog>
  );
}

function nameOf({ kind, label }: SignInInfo): string {
  if (kind !== "copilot") return browserOf(label) ?? words.unknown;
  return label ? words.embedded({ page: label }) : words.embeddedChat;
}
