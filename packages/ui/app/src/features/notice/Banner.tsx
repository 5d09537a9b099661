import type { JSX, ReactNode } from "react";
import { Glyph, type Shape } from "../../ui/Glyph";
import "./notice.css";

interface BannerProps {
  readonly tone: "plain" | "warn" | "bad";
  readonly shape: Shape;
  readonly text: string;
  /** Seen, not spoken: what changes too often to be read out. */
  readonly aside?: string | undefined;
  readonly action?: { readonly label: string; readonly run: () => void };
  readonly children?: ReactNode;
}

/** One line across the page that says what is the matter. */
export function Banner({ tone, shape, text, aside, action, children }: BannerProps): JSX.Element {
  return (
    <div className={`banner is-${tone}`} role={tone === "bad" ? "alert" : "status"}>
      <div className="banner-line">
        <Glyph shape={shape} small />
        <span>
          {text}
          {aside !== undefined && <i aria-hidden="true"> {aside}</i>}
        </span>
        {action && (
          <button type="button" className="link-button" onClick={() => action.run()}>
            {action.label}
          </button>
        )}
      </div>
      {children}
    </div>
  );
}
