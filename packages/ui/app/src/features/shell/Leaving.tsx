import type { JSX } from "react";
import { strings } from "../../strings";
import { Dialog } from "../../ui/Dialog";
import "./leaving.css";

interface LeavingProps {
  readonly losses: readonly string[];
  readonly onStay: () => void;
  readonly onLeave: () => void;
}

/** Asks before something is left behind. */
export function Leaving({ losses, onStay, onLeave }: LeavingProps): JSX.Element {
  return (
    <Dialog
      title={strings.leaving.title}
      onClose={onStay}
      footer={
        <>
          <button type="button" className="button" onClick={onStay}>
            {strings.leaving.stay}
          </button>
          <button type="button" className="button main" onClick={onLeave}>
            {strings.leaving.leave}
          </button>
        </>
      }
    >
      <ul className="losses">
        {losses.map((loss) => (
          <li key={loss}>{loss}</li>
        ))}
      </ul>
    </Dialog>
  );
}
