import { type JSX, useState } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { Unshown } from "../element/Unshown";
import type { ViewerProps } from "../element/viewers";
import { type Film, filmOf, optionsOf } from "./hosts";
import "./video.css";

/** A film: a file, or one on a video host, which is asked for nothing before somebody wants to see it. */
export function VideoViewer({ element, url, place }: ViewerProps): JSX.Element {
  const [broken, setBroken] = useState<string>();
  if (url === undefined) return <Unshown element={element} url={url} reason="empty" />;
  if (broken === url)
    return <Unshown element={element} url={url} reason="broken" onRetry={() => setBroken(undefined)} />;
  const config = element.props?.playerConfig;
  const film = filmOf(url, config);
  const wanted = optionsOf(config, "file");
  return (
    <figure className={`film is-${place} is-${element.size ?? "medium"}`}>
      {element.name && place === "inline" && <figcaption>{element.name}</figcaption>}
      {film ? (
        <Facade key={film.player} film={film} name={element.name || strings.element.film} />
      ) : (
        <video
          src={url}
          controls
          playsInline
          preload="metadata"
          loop={Boolean(wanted.loop)}
          muted={Boolean(wanted.muted)}
          autoPlay={Boolean(wanted.autoplay ?? wanted.autoPlay)}
          aria-label={element.name || strings.element.film}
          onError={() => setBroken(url)}
        />
      )}
    </figure>
  );
}

/** In the place of a host's player, until it is asked for. */
function Facade({ film, name }: { film: Film; name: string }): JSX.Element {
  const [isPlaying, setIsPlaying] = useState(false);
  if (!isPlaying) {
    return (
      <button type="button" className="film-facade" onClick={() => setIsPlaying(true)}>
        <span className="unseen">{strings.element.play({ name })}</span>
        <span className="film-play">
          <Glyph shape="play" />
        </span>
        <span className="film-note">{strings.element.playsFrom({ host: film.host })}</span>
      </button>
    );
  }
  return (
    <iframe
      // The player of some hosts does not start for a page that does not say who it is: its origin, and no more.
      referrerPolicy="strict-origin-when-cross-origin"
      src={film.player}
      title={name}
      allow="autoplay; encrypted-media; fullscreen; picture-in-picture"
      sandbox="allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-presentation"
    />
  );
}
