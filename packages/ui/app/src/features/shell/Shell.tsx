import { type JSX, lazy, Suspense, useCallback, useEffect, useState } from "react";
import { toggleHistory } from "../history/open";
import { useIntent } from "./intent";
import { shortcutOf } from "./keys";

const Palette = lazy(() => import("./Palette").then((module) => ({ default: module.Palette })));
const Shortcuts = lazy(() => import("./Shortcuts").then((module) => ({ default: module.Shortcuts })));

/** What the keyboard reaches from everywhere: the palette, the list of shortcuts, a new chat. */
export function Shell({ onNewChat }: { onNewChat: (profile?: string) => void }): JSX.Element {
  const [shown, setShown] = useState<"palette" | "shortcuts">();
  const close = useCallback(() => setShown(undefined), []);
  useIntent(
    "palette",
    useCallback(() => setShown("palette"), []),
  );
  useIntent(
    "shortcuts",
    useCallback(() => setShown("shortcuts"), []),
  );
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event);
      if (shortcut === undefined) return;
      const isBehind = document.querySelector("dialog[open]") !== null;
      if (isBehind && !(shortcut === "palette" && shown === "palette")) return;
      event.preventDefault();
      if (shortcut === "palette") setShown(shown === "palette" ? undefined : "palette");
      else if (shortcut === "shortcuts") setShown("shortcuts");
      else if (shortcut === "newChat") onNewChat();
      else if (shortcut === "history") toggleHistory();
      else document.getElementById("composer")?.focus();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [shown, onNewChat]);
  return (
    <Suspense>
      {shown === "palette" && <Palette onClose={close} onNewChat={onNewChat} />}
      {shown === "shortcuts" && <Shortcuts onClose={close} />}
    </Suspense>
  );
}
