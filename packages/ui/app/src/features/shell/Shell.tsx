import { type JSX, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { later, loadAhead } from "../../ui/later";
import { surface } from "../../ui/surface";
import { toggleHistory } from "../history/open";
import { useIntent } from "./intent";
import { shortcutOf } from "./keys";

const Palette = later(() => import("./Palette").then((module) => module.Palette));
const Shortcuts = later(() => import("./Shortcuts").then((module) => module.Shortcuts));

/** What the keyboard reaches from everywhere: the palette, the list of shortcuts, a new chat. */
export function Shell({ onNewChat }: { onNewChat: (profile?: string) => void }): JSX.Element {
  const [shown, setShown] = useState<"palette" | "shortcuts">();
  const close = useCallback(() => setShown(undefined), []);
  /** What was typed since the palette was asked for; nothing once it takes that itself. */
  const typed = useRef<string>(undefined);
  const openPalette = useCallback(() => {
    typed.current = "";
    setShown("palette");
  }, []);
  useIntent("palette", openPalette);
  useIntent(
    "shortcuts",
    useCallback(() => setShown("shortcuts"), []),
  );
  useEffect(() => loadAhead(Palette, Shortcuts), []);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (typed.current !== undefined && isLetter(event)) {
        typed.current += event.key; // who opens it types on at once: that must not go elsewhere
        event.preventDefault();
        return;
      }
      const shortcut = shortcutOf(event);
      if (shortcut === undefined) return;
      const isBehind = surface.root.querySelector("dialog[open]") !== null;
      if (isBehind && !(shortcut === "palette" && shown === "palette")) return;
      event.preventDefault();
      if (shortcut === "palette") {
        if (shown === "palette") close();
        else openPalette();
      } else if (shortcut === "shortcuts") setShown("shortcuts");
      else if (shortcut === "newChat") onNewChat();
      else if (shortcut === "history") toggleHistory();
      else surface.root.getElementById("composer")?.focus();
    };
    surface.ear.addEventListener("keydown", onKeyDown);
    return () => surface.ear.removeEventListener("keydown", onKeyDown);
  }, [shown, close, openPalette, onNewChat]);
  return (
    <Suspense>
      {shown === "palette" && <Palette typed={typed} onClose={close} onNewChat={onNewChat} />}
      {shown === "shortcuts" && <Shortcuts onClose={close} />}
    </Suspense>
  );
}

function isLetter({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return [...key].length === 1 && !ctrlKey && !metaKey && !altKey;
}
