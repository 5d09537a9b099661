import { type JSX, useEffect, useState } from "react";
import { strings } from "../../strings";

/** A thread in which nobody has said anything. While it loads, nothing is claimed about it. */
export function EmptyThread({ isLoading }: { isLoading: boolean }): JSX.Element {
  const isSlow = useSlow(isLoading);
  if (isLoading) {
    return (
      <div className="empty" aria-busy="true">
        {isSlow && (
          <p className="empty-loading">
            <span className="spin" />
            {strings.app.loading}
          </p>
        )}
      </div>
    );
  }
  return (
    <div className="empty">
      <h2>{strings.empty.title}</h2>
      <p>{strings.empty.hint}</p>
    </div>
  );
}

/** Whether `isOn` has lasted long enough that people wonder. */
function useSlow(isOn: boolean): boolean {
  const [isSlow, setIsSlow] = useState(false);
  useEffect(() => {
    if (!isOn) return;
    const timer = setTimeout(() => setIsSlow(true), 600);
    return () => {
      clearTimeout(timer);
      setIsSlow(false);
    };
  }, [isOn]);
  return isSlow;
}
