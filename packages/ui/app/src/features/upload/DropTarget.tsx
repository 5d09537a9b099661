import { type JSX, useEffect, useState } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import type { Uploads } from "./uploads";
import "./upload.css";

/** The whole window takes files that are dropped; it shows so while some hang over it. */
export function DropTarget({ uploads }: { uploads: Uploads }): JSX.Element | null {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    let depth = 0; // entering a child comes before leaving its parent
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") === true;
    const show = (change: number) => (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth = Math.max(0, depth + change);
      setIsOver(depth > 0);
    };
    const enter = show(1);
    const leave = show(-1);
    const over = show(0);
    const drop = (event: DragEvent): void => {
      depth = 0;
      setIsOver(false);
      if (!hasFiles(event) || event.defaultPrevented) return;
      event.preventDefault();
      uploads.add([...(event.dataTransfer?.files ?? [])]);
    };
    addEventListener("dragenter", enter);
    addEventListener("dragleave", leave);
    addEventListener("dragover", over);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragenter", enter);
      removeEventListener("dragleave", leave);
      removeEventListener("dragover", over);
      removeEventListener("drop", drop);
    };
  }, [uploads]);
  if (!isOver) return null;
  return (
    <div className="drop-target">
      <Glyph shape="clip" />
      {strings.upload.drop}
    </div>
  );
}
