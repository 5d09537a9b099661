import { type ComponentType, createElement, useEffect, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";
import type { Compiled, Look, Problem, ToFrame } from "../features/custom/messages";
import { Boundary } from "./Boundary";
import { ElementStore } from "./element";
import { compile, evaluate, importsOf, SourceError } from "./evaluate";
import { globals } from "./globals";
import { watchHeight } from "./height";
import base from "./kit/kit.css?inline";
import { followLinks } from "./links";
import { Modules } from "./modules";
import { Port, RequestFailed } from "./port";
import { stackOf, whereOf } from "./stack";
import { Utilities } from "./utilities";

/** What runs in a frame: it draws one component of the author's, and ties it to the page by the port. */
function start(): void {
  const port = new Port(window.convoFrame);
  window.convoFrame = { parts: port.parts } as Window["convoFrame"]; // the port is nobody else's
  const store = new ElementStore(port);
  const modules = new Modules(port, store);
  const place = document.getElementById("root");
  if (place === null) return;
  const utilities = new Utilities(port, place);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(base);
  document.adoptedStyleSheets = [sheet, utilities.sheet];
  globals(store);
  followLinks(port);

  let file = "";
  let shows = 0;
  const report = (problem: Problem): void => port.say({ kind: "problem", problem });
  const reportError = (error: unknown, stage: Problem["stage"], componentStack = ""): void => {
    if (error instanceof SourceError) {
      const { message, line, column } = error;
      report({ stage: error.stage, text: message, line, column });
    } else report({ stage, text: textOf(error), ...whereOf(error, file), stack: stackOf(error, file, componentStack) });
  };
  const root = createRoot(place, { onCaughtError() {}, onUncaughtError: (error) => reportError(error, "run") });

  const show = async (message: Extract<ToFrame, { kind: "show" }>): Promise<void> => {
    const { component } = message;
    shows += 1;
    const turn = shows;
    store.takeFacts(message.facts);
    store.take(message.props);
    let compiled: Compiled;
    try {
      compiled = message.compiled ?? (await compile(port, component));
      if (message.compiled === undefined) port.say({ kind: "compiled", compiled });
      await modules.load(importsOf(compiled.code), component.source);
      if (turn !== shows) return;
      file = component.file;
      utilities.begin(compiled);
      const Component = componentOf(evaluate(port, compiled.code, file, modules.require), file);
      root.render(
        <Drawn
          key={turn}
          store={store}
          component={Component}
          onShown={() => port.say({ kind: "shown" })}
          onError={(error, stack) => reportError(error, "run", stack)}
        />,
      );
    } catch (error) {
      if (turn !== shows) return;
      root.render(null);
      reportError(error, "run");
    }
  };

  addEventListener("error", (event) => {
    if (event.message.startsWith("ResizeObserver loop")) return;
    event.preventDefault();
    reportError(event.error ?? event.message, "later");
  });
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    const { reason } = event as { readonly reason: unknown };
    if (reason instanceof RequestFailed) store.toast(reason.message, "error");
    else reportError(reason, "later");
  });
  port.open((message) => {
    if (message.kind === "show") void show(message);
    else if (message.kind === "props") store.take(message.props);
    else if (message.kind === "facts") store.takeFacts(message.facts);
    else {
      dress(message.look);
      store.takeDark(message.look.isDark);
    }
  });
  watchHeight(place, (height) => port.say({ kind: "height", height }));
}

interface DrawnProps {
  readonly store: ElementStore;
  readonly component: ComponentType<Record<string, unknown>>;
  readonly onShown: () => void;
  readonly onError: (error: unknown, componentStack: string) => void;
}

/** The component, drawn again with every change of what it may know. */
function Drawn({ store, component, onShown, onError }: DrawnProps) {
  const version = useSyncExternalStore(store.subscribe, () => store.version);
  const { key: _key, ref: _ref, ...props } = store.props;
  return (
    <Boundary version={version} onError={onError}>
      {createElement(component, props)}
      <Shown onShown={onShown} />
    </Boundary>
  );
}

/** Says that what stands beside it is there. */
function Shown({ onShown }: { onShown: () => void }): null {
  // biome-ignore lint/correctness/useExhaustiveDependencies: once
  useEffect(onShown, []);
  return null;
}

function componentOf(exports: Record<string, unknown>, file: string): DrawnProps["component"] {
  const component = exports.default;
  if (typeof component === "function" || (typeof component === "object" && component !== null)) {
    return component as DrawnProps["component"];
  }
  throw new SourceError("compile", `\`${file}\` must export its component: \`export default function …\`.`);
}

function dress({ isDark, tokens }: Look): void {
  const root = document.documentElement;
  root.dataset.theme = isDark ? "dark" : "light";
  root.classList.toggle("dark", isDark);
  for (const [name, value] of Object.entries(tokens)) root.style.setProperty(name, value);
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

start();
