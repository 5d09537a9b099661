import { useAppInfo } from "@convo/react";
import { type JSX, useEffect, useId, useRef, useState } from "react";
import { config } from "../../config";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { surface } from "../../ui/surface";
import { KeysButton } from "../keys/KeysButton";
import { ReadmeButton } from "../readme/ReadmeButton";
import { HeaderLinks } from "./HeaderLinks";

/** The author's links, his readme and the user's keys: in a row, or where that is too long behind one button. */
export function HeaderTools(): JSX.Element | null {
  const info = useAppInfo();
  const [isOpen, setIsOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    if (!isOpen) return;
    const onPress = (event: Event) => {
      const isDialog = event.target instanceof Element && event.target.closest("dialog") !== null;
      if (event.target instanceof Node && !place.current?.contains(event.target) && !isDialog) setIsOpen(false);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      setIsOpen(false);
    };
    surface.ear.addEventListener("pointerdown", onPress);
    surface.ear.addEventListener("keydown", onKey);
    return () => {
      surface.ear.removeEventListener("pointerdown", onPress);
      surface.ear.removeEventListener("keydown", onKey);
    };
  }, [isOpen]);
  if (!info?.links?.length && !info?.readme && config.env.length === 0) return null;
  return (
    <div ref={place} className="head-tools">
      <button
        type="button"
        className="icon-button head-more"
        aria-label={strings.header.more}
        aria-expanded={isOpen}
        aria-controls={id}
        title={strings.header.more}
        onClick={() => setIsOpen(!isOpen)}
      >
        <Glyph shape="dots" />
      </button>
      <div id={id} className={isOpen ? "head-tools-list is-open" : "head-tools-list"}>
        <HeaderLinks />
        <ReadmeButton />
        <KeysButton />
      </div>
    </div>
  );
}
