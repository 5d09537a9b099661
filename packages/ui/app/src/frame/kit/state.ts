import { useState } from "react";

/** A value that is the caller's if he gives one, and else kept here. */
export function useOwn<T>(
  given: T | undefined,
  first: T,
  onChange: ((value: T) => void) | undefined,
): [T, (value: T) => void] {
  const [own, setOwn] = useState(first);
  return [
    given === undefined ? own : given,
    (value) => {
      setOwn(value);
      onChange?.(value);
    },
  ];
}
