import { type JSX, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { strings } from "../../strings";
import { Glyph, type Shape } from "../../ui/Glyph";
import { downloadAddress, isOurs } from "../element/address";
import { Canvas } from "./Canvas";
import { useZoom } from "./zoom";
import "./lightbox.css";
import { surface } from "../../ui/surface";

export interface Picture {
  readonly id: string;
  readonly name: string;
  readonly url: string;
}

interface LightboxProps {
  readonly pictures: readonly Picture[];
  /** The id of the one to begin with. */
  readonly first: string;
  readonly onClose: () => void;
}

/** Pictures over the whole page, one at a time. Focus stays within and returns to where it was. */
export function Lightbox({ pictures, first, onClose }: LightboxProps): JSX.Element | null {
  const dialog = useRef<HTMLDialogElement>(null);
  const [shown, setShown] = useState(first);
  const zoom = useZoom(shown);
  useEffect(() => {
    const element = dialog.current;
    const before = surface.root.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const at = Math.max(
    0,
    pictures.findIndex(({ id }) => id === shown),
  );
  const picture = pictures[at];
  const go = (step: 1 | -1) => setShown(pictures[(at + step + pictures.length) % pictures.length]?.id ?? shown);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowRight" && pictures.length > 1) go(1);
    else if (event.key === "ArrowLeft" && pictures.length > 1) go(-1);
    else if (event.key === "+" || event.key === "=") zoom.by(1.5);
    else if (event.key === "-") zoom.by(1 / 1.5);
    else if (event.key === "0") zoom.reset();
    else return;
    event.preventDefault();
  };
  return (
    <dialog
      ref={dialog}
      className="lightbox"
      aria-label={strings.lightbox.title}
      onKeyDown={onKeyDown}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      {picture && (
        <>
          <div className="lightbox-head">
            <p className="lightbox-name" aria-live="polite">
              <span>{picture.name}</span>
              {pictures.length > 1 && (
                <span className="lightbox-count">{strings.lightbox.count({ at: at + 1, all: pictures.length })}</span>
              )}
            </p>
            <Tool
              shape="minus"
              label={strings.lightbox.smaller}
              isOff={zoom.isWhole}
              onPress={() => zoom.by(1 / 1.5)}
            />
            <Tool shape="plus" label={strings.lightbox.larger} isOff={zoom.isMost} onPress={() => zoom.by(1.5)} />
            <a
              className="icon-button"
              href={downloadAddress(picture.url)}
              aria-label={strings.element.downloadOf({ name: picture.name })}
              title={strings.element.download}
              {...(isOurs(picture.url) ? { download: picture.name } : { target: "_blank", rel: "noopener noreferrer" })}
            >
              <Glyph shape="download" />
            </a>
            <Tool shape="cross" label={strings.dialog.close} onPress={onClose} />
          </div>
          <Canvas key={picture.id} picture={picture} zoom={zoom} onClose={onClose} onSweep={go} />
          {pictures.length > 1 && (
            <>
              <button
                type="button"
                className="lightbox-step is-back"
                aria-label={strings.lightbox.previous}
                title={strings.lightbox.previous}
                onClick={() => go(-1)}
              >
                <Glyph shape="chevron" />
              </button>
              <button
                type="button"
                className="lightbox-step"
                aria-label={strings.lightbox.next}
                title={strings.lightbox.next}
                onClick={() => go(1)}
              >
                <Glyph shape="chevron" />
              </button>
            </>
          )}
        </>
      )}
    </dialog>
  );
}

interface ToolProps {
  readonly shape: Shape;
  readonly label: string;
  readonly isOff?: boolean;
  readonly onPress: () => void;
}

function Tool({ shape, label, isOff = false, onPress }: ToolProps): JSX.Element {
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} disabled={isOff} onClick={onPress}>
      <Glyph shape={shape} />
    </button>
  );
}
