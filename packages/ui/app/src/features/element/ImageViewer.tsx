import { useClient, useElements } from "@convo/react";
import { type JSX, Suspense, useState } from "react";
import { strings } from "../../strings";
import { later } from "../../ui/later";
import { safeAddress } from "./address";
import { Unshown } from "./Unshown";
import type { ElementView, ViewerProps } from "./viewers";
import "./image.css";

const Lightbox = later(() => import("../lightbox/Lightbox").then((module) => module.Lightbox));

/** A picture, which opens large: with those of the same message to leaf through. */
export function ImageViewer({ element, url, place }: ViewerProps): JSX.Element {
  const [broken, setBroken] = useState<string>();
  const [isOpen, setIsOpen] = useState(false);
  const [attempt, setAttempt] = useState(0);
  if (url === undefined) return <Unshown element={element} url={url} reason="empty" />;
  if (broken === url) {
    const retry = () => {
      setBroken(undefined);
      setAttempt(attempt + 1);
    };
    return <Unshown element={element} url={url} reason="broken" onRetry={retry} />;
  }
  const name = element.name || strings.element.picture;
  return (
    <>
      <button
        type="button"
        className={`picture is-${place} is-${element.size ?? "medium"}`}
        aria-label={strings.lightbox.enlarge({ name })}
        aria-haspopup="dialog"
        onClick={() => setIsOpen(true)}
      >
        <img key={attempt} src={url} alt={name} decoding="async" onError={() => setBroken(url)} />
      </button>
      {isOpen && (
        <Suspense>
          <Pictures element={element} onClose={() => setIsOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

function Pictures({ element, onClose }: { element: ElementView; onClose: () => void }): JSX.Element {
  const client = useClient();
  const siblings = useElements(element.forId ?? "").filter(({ type, display }) => {
    return type === element.type && (display ?? "inline") === (element.display ?? "inline");
  });
  const all = siblings.some(({ id }) => id === element.id) ? siblings : [element];
  const pictures = all.flatMap((one) => {
    const url = safeAddress(client.fileUrl(one));
    return url === undefined ? [] : [{ id: one.id, name: one.name || strings.element.picture, url }];
  });
  return <Lightbox pictures={pictures} first={element.id} onClose={onClose} />;
}
