import { type JSX, useState } from "react";
import { strings } from "../../strings";
import { Unshown } from "./Unshown";
import type { ViewerProps } from "./viewers";
import "./sound.css";

/** A sound to play. It begins by itself only where the author wants it and the browser lets it. */
export function AudioViewer({ element, url, place }: ViewerProps): JSX.Element {
  const [broken, setBroken] = useState<string>();
  if (url === undefined) return <Unshown element={element} url={url} reason="empty" />;
  if (broken === url)
    return <Unshown element={element} url={url} reason="broken" onRetry={() => setBroken(undefined)} />;
  return (
    <figure className="sound">
      {element.name && place === "inline" && <figcaption>{element.name}</figcaption>}
      {/* biome-ignore lint/a11y/useMediaCaption: an author gives a sound, and no captions with it */}
      <audio
        src={url}
        controls
        preload="metadata"
        autoPlay={element.props?.autoPlay === true}
        aria-label={element.name || strings.element.sound}
        onError={() => setBroken(url)}
      />
    </figure>
  );
}
