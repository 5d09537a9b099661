import { useEffect, useState } from "react";

/** What `load` imports, once it is wanted; nothing until it is there, or if it does not come. `load` never changes. */
export function useModule<T>(load: () => Promise<T>, isWanted = true): T | undefined {
  const [module, setModule] = useState<{ readonly loaded: T }>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `load` is the same function each time, written in place
  useEffect(() => {
    if (!isWanted || module !== undefined) return;
    let isGone = false;
    load().then(
      (loaded) => {
        if (!isGone) setModule({ loaded });
      },
      // Without it, the page shows what it can without.
      () => undefined,
    );
    return () => {
      isGone = true;
    };
  }, [isWanted, module]);
  return module?.loaded;
}
