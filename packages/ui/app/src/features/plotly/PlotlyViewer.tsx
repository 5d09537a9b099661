import { type JSX, useEffect, useRef, useState } from "react";
import { strings } from "../../strings";
import { useContent } from "../element/content";
import { Loading, Pending } from "../element/Pending";
import { useSeen } from "../element/seen";
import { Unshown } from "../element/Unshown";
import type { ViewerProps } from "../element/viewers";
import { bundleFor } from "./bundle";
import { Described } from "./Described";
import { type Figure, needsMap, readFigure, titleOf } from "./figure";
import { dressed } from "./look";
import "./plotly.css";
import { surface } from "../../ui/surface";

/** A figure of Plotly, drawn in the app's looks unless it has its own. */
export function PlotlyViewer({ element, url, place }: ViewerProps): JSX.Element {
  const content = useContent(url, readJson);
  if (content.status !== "ready") return <Pending element={element} url={url} content={content} />;
  if (needsMap(content.value)) return <Unshown element={element} url={url} reason="elsewhere" />;
  const size = element.size ?? "medium";
  return <Drawn figure={content.value} name={element.name} className={`plotly is-${place} is-${size}`} />;
}

async function readJson(response: Response): Promise<Figure> {
  return readFigure(await response.json());
}

interface DrawnProps {
  readonly figure: Figure;
  readonly name: string;
  readonly className: string;
}

function Drawn({ figure, name, className }: DrawnProps): JSX.Element {
  const room = useRef<HTMLElement>(null);
  const isSeen = useSeen(room);
  const [isDrawn, setIsDrawn] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => {
    const target = room.current;
    if (!isSeen || target === null) return;
    let isGone = false;
    let end = () => {};
    draw(figure, target).then(
      (close) => {
        if (isGone) close();
        else end = close;
        setIsDrawn(true);
      },
      (error: unknown) => setFailure(error ?? new Error("Plotly failed.")),
    );
    return () => {
      isGone = true;
      end();
    };
  }, [figure, isSeen]);
  if (failure !== undefined) throw failure; // shown, with a way to try again, where viewers fail
  const title = titleOf(figure) || name || strings.viewers.plotly.figure;
  return (
    <figure className={className} aria-label={title}>
      <div className="plotly-room">
        <section ref={room} className="plotly-drawing" aria-label={strings.viewers.plotly.drawing({ title })} />
        {!isDrawn && (
          <div className="plotly-cover">
            <Loading />
          </div>
        )}
      </div>
      <Described figure={figure} />
    </figure>
  );
}

/** Draws, and keeps it as wide as its room and in the colours of the theme, until it is closed. */
async function draw(figure: Figure, target: HTMLElement): Promise<() => void> {
  const Plotly = await bundleFor(figure);
  const paint = async () => {
    const { layout, config } = dressed(figure, { width: target.clientWidth, height: least });
    // Plotly writes into what it is given.
    await Plotly.react(target, structuredClone(figure.data), structuredClone(layout), config);
  };
  const least = target.clientHeight;
  await paint();
  if (figure.frames !== undefined) await Plotly.addFrames(target, structuredClone(figure.frames));
  let width = target.clientWidth;
  const sizes = new ResizeObserver(() => {
    if (target.clientWidth === width || target.clientWidth === 0) return;
    width = target.clientWidth;
    void paint();
  });
  sizes.observe(target);
  const themes = new MutationObserver(() => void paint());
  themes.observe(surface.frame, { attributeFilter: ["data-theme"] });
  return () => {
    sizes.disconnect();
    themes.disconnect();
    Plotly.purge(target);
  };
}
