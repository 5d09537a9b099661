import { type JSX, type ReactNode, use, useState } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { imageAddress } from "./address";
import { AuthorContext, hostOf, isForeign, isWanted, want } from "./images";

interface PictureProps {
  readonly href: string;
  readonly title?: string | null | undefined;
  readonly alt: string;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** An image of a text. One of a host that the app does not name is loaded when somebody wants to see it. */
export function Picture({ href, title, alt, width, height }: PictureProps): ReactNode {
  const isAuthors = use(AuthorContext);
  const [isBroken, setIsBroken] = useState(false);
  const [, setIsWanted] = useState(false);
  const address = imageAddress(href);
  if (address === undefined) return alt;
  if (!isAuthors && isForeign(address) && !isWanted(address))
    return (
      <Held
        address={address}
        alt={alt}
        onWant={() => {
          want(address);
          setIsWanted(true);
        }}
      />
    );
  if (isBroken)
    return (
      <span className="broken-image">
        {alt === "" ? strings.image.broken : `${strings.image.broken}: ${alt}`}
        {!address.startsWith("data:") && (
          <a href={address} target="_blank" rel="noopener noreferrer">
            {strings.image.open}
          </a>
        )}
      </span>
    );
  return (
    <img
      src={address}
      alt={alt}
      title={title ?? undefined}
      width={width}
      height={height}
      loading="lazy"
      decoding="async"
      referrerPolicy="no-referrer"
      onError={() => setIsBroken(true)}
    />
  );
}

function Held({ address, alt, onWant }: { address: string; alt: string; onWant: () => void }): JSX.Element {
  return (
    <span className="held-image">
      <Glyph shape="file" small />
      {alt !== "" && <span>{alt}</span>}
      <button type="button" className="link-button" onClick={onWant} title={address}>
        {strings.image.load({ host: hostOf(address) })}
      </button>
    </span>
  );
}
