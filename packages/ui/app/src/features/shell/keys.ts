export const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

/** How keys are written on this machine: `mod` is Ctrl, or ⌘ where that is what people press. */
export function keysOf(shortcut: string): readonly string[] {
  return shortcut.split("+").map((key) => {
    if (key === "mod") return isMac ? "⌘" : "Ctrl";
    if (key === "shift") return isMac ? "⇧" : "Shift";
    return key;
  });
}

export const SHORTCUTS = {
  palette: "mod+K",
  newChat: "mod+shift+O",
  shortcuts: "?",
  history: "mod+shift+S",
  compose: "/",
} as const;

export type Shortcut = keyof typeof SHORTCUTS;

/** Which shortcut was pressed. Single letters are only meant when nobody is writing. */
export function shortcutOf(event: KeyboardEvent): Shortcut | undefined {
  if (event.isComposing || event.altKey || event.defaultPrevented) return undefined;
  const isMod = isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  const key = event.key.toLowerCase();
  if (isMod && !event.shiftKey && key === "k") return "palette";
  if (isMod && event.shiftKey && key === "o") return "newChat";
  if (isMod && event.shiftKey && key === "s") return "history";
  if (event.ctrlKey || event.metaKey || isWriting(event.target)) return undefined;
  if (event.key === "?") return "shortcuts";
  if (event.key === "/") return "compose";
  return undefined;
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input, textarea, select, [role=listbox], iframe"))
  );
}
