import { type JSX, useEffect, useState } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { dropped, hasFiles } from "./dropped";
import type { Uploads } from "./uploads";
import "./upload.css";
import { surface } from "../../ui/surface";

/** Milliseconds without a sign of what hangs over the page until it is taken for gone: browsers give one in 350. */
const GONE = 1000;
const LEFT = 100;

interface DropTargetProps {
  readonly uploads: Uploads;
  readonly text?: string;
}

/** The whole window takes files that are dropped; it shows so while some hang over it. */
export function DropTarget({ uploads, text = strings.upload.drop }: DropTargetProps): JSX.Element | null {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hideIn = (milliseconds: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => setIsOver(false), milliseconds);
    };
    const over = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setIsOver(true);
      hideIn(GONE);
    };
    const leave = (): void => hideIn(LEFT); // or only to what stands beside it
    const drop = (event: DragEvent): void => {
      hideIn(0);
      if (!hasFiles(event)) return;
      event.preventDefault();
      const { files, folders } = dropped(event.dataTransfer);
      uploads.add(files);
      for (const folder of folders) uploads.refuse(folder, strings.upload.folder({ name: folder }));
    };
    const listeners = { dragenter: over, dragover: over, dragleave: leave, drop };
    for (const [name, listener] of Object.entries(listeners))
      surface.ear.addEventListener(name as "drop", listener, true);
    return () => {
      clearTimeout(timer);
      for (const [name, listener] of Object.entries(listeners))
        surface.ear.removeEventListener(name as "drop", listener, true);
    };
  }, [uploads]);
  useEffect(() => {
    // A frame would take for itself what is dropped on it.
    surface.frame.classList.toggle("has-drag", isOver);
    return () => surface.frame.classList.remove("has-drag");
  }, [isOver]);
  if (!isOver) return null;
  return (
    <div className="drop-target">
      <Glyph shape="clip" />
      {text}
    </div>
  );
}
