import { strings } from "@convo/app/src/strings";
import { surface } from "@convo/app/src/ui/surface";
import { type JSX, useEffect } from "react";

interface StrangerProps {
  readonly retry: () => void;
  /** Hears that nobody is in, with what asks again. Returns how to end that. */
  readonly onShown: (retry: () => void) => () => void;
}

/** Who is not signed in gets a link to the app: there are no forms for passwords within pages of others. */
export function Stranger({ retry, onShown }: StrangerProps): JSX.Element {
  useEffect(() => onShown(retry), [onShown, retry]);
  return (
    <div className="gate">
      <p role="alert">{strings.errors.unknown}</p>
      <a className="button main" href={surface.base} target="_blank" rel="noopener noreferrer">
        {strings.signIn.in}
      </a>
    </div>
  );
}
