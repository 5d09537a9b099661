import { type RefObject, useEffect, useState } from "react";

/** How far outside of what is seen something counts as near. */
const MARGIN = "700px 0px";

/** Whether an element has been near what is seen; once it was, it stays so. */
export function useNear(place: RefObject<HTMLElement | null>): boolean {
  const [isNear, setIsNear] = useState(false);
  useEffect(() => {
    const element = place.current;
    if (isNear || element === null) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setIsNear(true),
      { root: element.closest(".scroll"), rootMargin: MARGIN },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [place, isNear]);
  return isNear;
}
