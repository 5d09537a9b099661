import type { JSX } from "react";
import { ElementFrame } from "./ElementFrame";
import type { ElementView } from "./viewers";

/** Elements in their order; pictures that follow one another as a grid. */
export function ElementList({ elements }: { elements: readonly ElementView[] }): JSX.Element {
  return (
    <>
      {groups(elements).map((group) => {
        const frames = group.map((element) => <ElementFrame key={element.id} element={element} place="inline" />);
        if (group.length === 1) return frames;
        const hasLarge = group.some(({ size }) => size === "large");
        return (
          <div key={group[0]?.id} className={hasLarge ? "pictures has-large" : "pictures"}>
            {frames}
          </div>
        );
      })}
    </>
  );
}

function groups(elements: readonly ElementView[]): readonly (readonly ElementView[])[] {
  const found: ElementView[][] = [];
  for (const element of elements) {
    const last = found.at(-1);
    if (element.type === "image" && last?.[0]?.type === "image") last.push(element);
    else found.push([element]);
  }
  return found;
}
