import { type RefObject, useEffect, useState } from "react";

const NEARLY = "300px"; // before it comes into sight

/** Whether it has been in sight, or nearly: what is far up in a long thread need not be opened. */
export function useSeen(target: RefObject<Element | null>): boolean {
  const [isSeen, setIsSeen] = useState(false);
  useEffect(() => {
    const element = target.current;
    if (element === null || isSeen) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setIsSeen(true);
      },
      { rootMargin: NEARLY },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [target, isSeen]);
  return isSeen;
}
