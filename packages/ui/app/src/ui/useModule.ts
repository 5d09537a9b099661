import { useEffect, useState } from "react";
import type { Part } from "./part";

/** A part, once it is wanted; nothing until it is there. */
export function useModule<T>(load: Part<T>, isWanted = true): T | undefined {
  const [module, setModule] = useState<{ readonly loaded: T }>();
  useEffect(() => {
    if (!isWanted || module !== undefined) return;
    let isGone = false;
    load().then(
      (loaded) => {
        if (!isGone) setModule({ loaded });
      },
      // If it is broken, the page shows what it can without.
      () => undefined,
    );
    return () => {
      isGone = true;
    };
  }, [load, isWanted, module]);
  return module?.loaded;
}
