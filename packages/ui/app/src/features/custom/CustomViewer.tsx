import { useClient } from "@convo/react";
import { type JSX, useEffect, useLayoutEffect, useRef, useState } from "react";
import { config } from "../../config";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { Loading } from "../element/Pending";
import type { ViewerProps } from "../element/viewers";
import { Frame } from "./Frame";
import { heightOf } from "./heights";
import type { Problem } from "./messages";
import { useNear } from "./near";
import { type Found, sourcesOf } from "./sources";
import "./custom.css";

/** What a frame has around its content, for outlines; see `custom.css`. */
const EDGE = 3;

/** A component of the author's own, from `public/elements`, in a frame of its own. */
export function CustomViewer({ element, place }: ViewerProps): JSX.Element {
  const here = useRef<HTMLDivElement>(null);
  const isNear = useNear(here);
  const [found, retry] = useFound(isNear ? element.name : undefined);
  const [problem, setProblem] = useState<Problem>();
  const [isShown, setIsShown] = useState(false);
  const component = found !== undefined && "component" in found ? found.component : undefined;
  const failure = found !== undefined && "failure" in found ? found.failure : undefined;
  const isBroken = failure !== undefined || (problem !== undefined && problem.stage !== "later");

  // biome-ignore lint/correctness/useExhaustiveDependencies: another source may do what the last one did not
  useEffect(() => setProblem(undefined), [component?.hash]);

  return (
    <div ref={here} className={`custom is-${place}`}>
      {!isShown && !isBroken && <Waiting height={heightOf(element.id)} />}
      {component && (
        <div hidden={isBroken}>
          <Frame
            element={element}
            place={place}
            component={component}
            isShown={isShown}
            onShown={() => {
              setIsShown(true);
              setProblem(undefined);
            }}
            onProblem={setProblem}
          />
        </div>
      )}
      {failure && (
        <Trouble title={strings.custom.missing({ name: element.name })} text={failure.text} onRetry={retry} />
      )}
      {problem && component && (isBroken || config.isDebug) && (
        <Trouble
          title={strings.custom.problem[problem.stage]({ name: element.name })}
          text={problem.text}
          where={whereOf(component.file, problem)}
          stack={problem.stack}
        />
      )}
    </div>
  );
}

/** While it is on its way; as high as it was the last time. */
function Waiting({ height }: { height: number | undefined }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (place.current && height !== undefined) place.current.style.minHeight = `${height - 2 * EDGE}px`;
  }, [height]);
  return (
    <div ref={place} className="custom-waiting">
      <Loading />
    </div>
  );
}

interface TroubleProps {
  readonly title: string;
  readonly text: string;
  readonly where?: string | undefined;
  readonly stack?: string | undefined;
  readonly onRetry?: () => void;
}

/** In the place of what cannot be shown: all there is to know for its author, a calm word for everybody else. */
function Trouble({ title, text, where, stack, onRetry }: TroubleProps): JSX.Element {
  if (!config.isDebug) {
    return (
      <div className="element-card is-unshown">
        <span className="element-kind">
          <Glyph shape="warning" />
        </span>
        <span className="element-words">{strings.custom.broken}</span>
        {onRetry && (
          <button type="button" className="link-button" onClick={onRetry}>
            {strings.element.retry}
          </button>
        )}
      </div>
    );
  }
  return (
    <div className="custom-trouble" role="alert">
      <p className="custom-trouble-title">
        <Glyph shape="warning" small />
        {title}
      </p>
      {where && <p className="custom-trouble-where">{where}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text scrolls, also by keyboard */}
      <pre tabIndex={0}>{stack ? `${text}\n\n${stack}` : text}</pre>
      {onRetry && (
        <button type="button" className="button" onClick={onRetry}>
          {strings.element.retry}
        </button>
      )}
    </div>
  );
}

function whereOf(file: string, { line, column }: Problem): string {
  return [file, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(":");
}

/** The component of that name, read again whenever it may have changed; and how to read it again now. */
function useFound(name: string | undefined): [Found | undefined, () => void] {
  const sources = sourcesOf(useClient());
  const [found, setFound] = useState<Found>();
  useEffect(() => {
    if (name === undefined) return;
    let isGone = false;
    const read = () => {
      const reading = sources.find(name);
      void reading.then((is) => !isGone && setFound((was) => (isSame(was, is) ? was : is)));
    };
    read();
    const end = sources.onChange(read);
    return () => {
      isGone = true;
      end();
    };
  }, [name, sources]);
  return [found, () => sources.forget()];
}

function isSame(was: Found | undefined, is: Found): boolean {
  return was !== undefined && "component" in was && "component" in is && was.component.hash === is.component.hash;
}
