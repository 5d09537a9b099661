/** React as the app's modules import it, from Preact. */
import { type Context, useCallback, useContext, useLayoutEffect, useRef } from "preact/compat";

// @ts-expect-error its types are those of a namespace
export * from "preact/compat";

/** What a context holds; the app uses `use` for nothing else. */
export function use<T>(context: Context<T>): T {
  return useContext(context);
}

/** A function that stays the same and does what its last version does. */
export function useEffectEvent<A extends unknown[], R>(run: (...args: A) => R): (...args: A) => R {
  const latest = useRef(run);
  useLayoutEffect(() => {
    latest.current = run;
  });
  return useCallback((...args: A) => latest.current(...args), []);
}
