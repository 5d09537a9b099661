import { useClient, usePendingAsks } from "@convo/react";
import { type JSX, useEffect, useMemo, useRef } from "react";
import { config } from "../../config";
import { strings } from "../../strings";
import { signOf } from "../../ui/Icon";
import type { ElementView, Place } from "../element/viewers";
import { Bridge, pendingAsk } from "./bridge";
import { heightOf, keepHeight } from "./heights";
import { currentLook, onLook } from "./look";
import type { Component, Facts, Problem, Props } from "./messages";
import { sourcesOf } from "./sources";

/** How long a component may take to show something, in milliseconds, before it is said that it does not. */
const PATIENCE = 15_000;
const NOTHING: Props = {};

interface FrameProps {
  readonly element: ElementView;
  readonly place: Place;
  readonly component: Component;
  readonly isShown: boolean;
  readonly onShown: () => void;
  readonly onProblem: (problem: Problem) => void;
}

/**
 * A frame in which an author's component runs. It has no origin: no cookie, no storage, no page to reach but by its
 * `Bridge`. The component changes in place; the frame stays.
 */
export function Frame({ element, place, component, isShown, onShown, onProblem }: FrameProps): JSX.Element {
  const client = useClient();
  const frame = useRef<HTMLIFrameElement>(null);
  const bridge = useRef<Bridge>(undefined);
  const sources = sourcesOf(client);
  usePendingAsks(); // renders again when the one that the element is has closed
  const ask = pendingAsk(client, element.id);
  const facts = useMemo<Facts>(
    () => ({ id: element.id, name: element.name, place, isAsked: ask !== undefined, expiresAt: ask?.expiresAt }),
    [element.id, element.name, place, ask],
  );
  const props = element.props ?? NOTHING;
  const latest = useRef({ component, facts, props, onShown, onProblem });
  latest.current = { component, facts, props, onShown, onProblem };

  useEffect(() => {
    const iframe = frame.current;
    if (iframe === null) return;
    let isGone = false;
    let loads = 0;
    const timer = setTimeout(() => latest.current.onProblem({ stage: "run", text: strings.custom.silent }), PATIENCE);
    const onLoad = async () => {
      loads += 1;
      if (loads > 1) {
        bridge.current?.close(); // it has gone to another page, which is none of its business
        bridge.current = undefined;
        iframe.remove();
        latest.current.onProblem({ stage: "run", text: strings.custom.wentAway });
        return;
      }
      let code: string;
      try {
        code = await sources.code("runtime");
      } catch {
        if (!isGone) latest.current.onProblem({ stage: "run", text: strings.custom.unreachable });
        return;
      }
      if (isGone || loads > 1) return;
      const channel = new MessageChannel();
      // "*": a frame without an origin has no other name. It gets our own code, and a port.
      iframe.contentWindow?.postMessage({ type: "convo:start", code }, "*", [channel.port2]);
      const made = new Bridge(client, channel.port1, element.id, {
        part: (part) => sources.code(part),
        sign: signOf,
        compiled: (compiled) => sources.keepCompiled(compiled),
        open: (url) => {
          if (navigator.userActivation?.isActive !== false) window.open(url, "_blank", "noopener,noreferrer");
        },
        height: (height) => {
          keepHeight(element.id, height);
          iframe.style.height = `${height}px`;
        },
        shown: () => {
          clearTimeout(timer);
          latest.current.onShown();
        },
        problem: (problem) => {
          if (problem.stage !== "later") clearTimeout(timer);
          latest.current.onProblem(problem);
        },
        now: () => performance.now(),
      });
      bridge.current = made;
      made.setLook(currentLook());
      const { component, facts, props } = latest.current;
      made.show(component, sources.compiled(component.hash), facts, props);
    };
    const listener = () => void onLoad();
    iframe.addEventListener("load", listener);
    iframe.style.height = `${heightOf(element.id) ?? 0}px`;
    iframe.src = `${config.root}/frames/element`;
    const endLook = onLook(() => bridge.current?.setLook(currentLook()));
    return () => {
      isGone = true;
      clearTimeout(timer);
      endLook();
      iframe.removeEventListener("load", listener);
      bridge.current?.close();
      bridge.current = undefined;
    };
  }, [client, element.id, sources]);

  useEffect(() => {
    const { facts, props } = latest.current;
    bridge.current?.show(component, sources.compiled(component.hash), facts, props);
  }, [component, sources]);
  useEffect(() => bridge.current?.setProps(props), [props]);
  useEffect(() => bridge.current?.setFacts(facts), [facts]);

  return (
    <iframe
      ref={frame}
      className="custom-frame"
      hidden={!isShown}
      title={strings.custom.title({ name: element.name })}
      sandbox="allow-scripts allow-forms"
      allow="clipboard-write *"
      referrerPolicy="no-referrer"
    />
  );
}
