import { useThread } from "@convo/react";
import type { JSX, ReactNode } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { surface } from "../../ui/surface";
import { useAppName } from "../app/name";
import { HistoryButton } from "../history/HistoryButton";
import { LanguageButton } from "../language/LanguageButton";
import { useAccount } from "../login/account";
import { UserButton } from "../login/UserButton";
import { PanelButton } from "../panel/PanelButton";
import { ProfilePicker } from "../profile/ProfilePicker";
import { ShareButton } from "../share/ShareButton";
import { intend } from "../shell/intent";
import { keysOf, SHORTCUTS } from "../shell/keys";
import { ThemeButton } from "../theme/ThemeButton";
import { HeaderTools } from "./HeaderTools";
import { Mark, useConnectionState } from "./Mark";
import { Usage } from "./Usage";
import "./header.css";

interface HeaderProps {
  /** With the profile of the new chat, if it is to be another one. */
  readonly onNewChat: (profile?: string) => void;
  readonly tools?: ReactNode;
}

export function Header({ onNewChat, tools }: HeaderProps): JSX.Element {
  const name = useAppName();
  const thread = useThread();
  const { word } = useConnectionState();
  const isSignedIn = useAccount()?.principal?.anonymous === false;
  const Head = surface.isPage ? "header" : "div"; // a page has one
  return (
    <Head className="head">
      <HistoryButton />
      <Mark />
      <h1>
        <span className="head-app">{name}</span>
        {thread?.name && <span className="head-thread">{thread.name}</span>}
      </h1>
      <span className="unseen" role="status">
        {word}
      </span>
      <ProfilePicker onNewChat={onNewChat} />
      <span className="head-space" />
      <Usage />
      <HeaderTools />
      <PanelButton />
      <ShareButton />
      <button
        type="button"
        className="icon-button"
        aria-label={strings.palette.title}
        aria-haspopup="dialog"
        aria-keyshortcuts="Control+K Meta+K"
        title={`${strings.palette.title} (${keysOf(SHORTCUTS.palette).join(" ")})`}
        onClick={() => intend("palette")}
      >
        <Glyph shape="search" />
      </button>
      {surface.isPage && !isSignedIn && <LanguageButton />}
      {surface.isPage && <ThemeButton />}
      <button
        type="button"
        className="button head-new"
        onClick={() => onNewChat()}
        aria-label={strings.app.newChat}
        title={strings.app.newChat}
      >
        <Glyph shape="plus" />
        <span>{strings.app.newChat}</span>
      </button>
      <UserButton />
      {tools}
    </Head>
  );
}
