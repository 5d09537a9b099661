import type { JSX } from "react";
import { formatBytes } from "../../language/format";
import { strings } from "../../strings";
import { Glyph, type Shape } from "../../ui/Glyph";
import { ElementLink } from "./ElementLink";
import type { ElementView } from "./viewers";

/** An element that opens elsewhere: its name, and what it is. */
export function ElementCard({ element }: { element: ElementView }): JSX.Element {
  const facts = [kindName(element.type), element.bytes === undefined ? "" : formatBytes(element.bytes)];
  return (
    <ElementLink element={element} className="element-card">
      <span className="element-kind" aria-hidden="true">
        <Glyph shape={shapeOf(element.type)} />
      </span>
      <span className="element-words">
        <span className="element-name">{element.name || strings.element.unnamed}</span>
        <span className="element-facts">{facts.filter(Boolean).join(" · ")}</span>
      </span>
    </ElementLink>
  );
}

const SHAPES: Readonly<Record<string, Shape>> = {
  image: "picture",
  text: "lines",
  audio: "sound",
  video: "play",
  plotly: "chart",
  dataframe: "grid",
  tasklist: "tasks",
  custom: "bolt",
};

function shapeOf(type: string): Shape {
  return (Object.hasOwn(SHAPES, type) && SHAPES[type]) || "file";
}

function kindName(type: string): string {
  const kinds: Readonly<Record<string, string>> = strings.element.kinds;
  return (Object.hasOwn(kinds, type) && kinds[type]) || "";
}
