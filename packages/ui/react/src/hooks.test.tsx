import { type ConvoClient, createClient, type Event, type OpenSocket, type SocketHandlers } from "@convo/client";
import { act, type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, expect, test } from "vitest";
import {
  ConvoProvider,
  useCommands,
  useConnection,
  useOutbox,
  useRuns,
  useStep,
  useStepFact,
  useTrace,
  useTurns,
  useWork,
} from "./index";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
afterEach(() => {
  document.body.replaceChildren();
  sessionStorage.clear();
});

const rendered: string[] = [];

function Message({ id }: { id: string }): ReactNode {
  const step = useStep(id);
  rendered.push(id);
  return <p data-open={step?.isOpen}>{step?.output}</p>;
}

function Sign({ id }: { id: string }): ReactNode {
  const isOpen = useStepFact(id, (step) => step?.isOpen === true);
  rendered.push(`sign of ${id}`);
  return <b>{isOpen ? "writing" : "done"}</b>;
}

function Chat(): ReactNode {
  const turns = useTurns();
  const { status } = useConnection();
  const { queued } = useRuns();
  const outbox = useOutbox();
  const { send } = useCommands();
  rendered.push("chat");
  return (
    <main data-status={status}>
      {turns.flatMap((turn) => turn.items.map((id) => <Message key={id} id={id} />))}
      {turns.flatMap((turn) => turn.items.map((id) => <Sign key={id} id={id} />))}
      {[...queued.map((run) => run.text), ...outbox.map((entry) => entry.content)].map((text) => (
        <i key={text}>{text}</i>
      ))}
      <button type="button" onClick={() => send("typed")}>
        Send
      </button>
    </main>
  );
}

function Run(): ReactNode {
  const trace = useTrace("r1");
  const work = useWork("r1");
  rendered.push("run");
  return (
    <main data-work={work} data-tokens={trace?.sums.tokens}>
      {trace?.nodes.map(({ id, depth, status }) => (
        <p key={id}>{`${depth} ${id} ${status}`}</p>
      ))}
    </main>
  );
}

interface Page {
  readonly main: HTMLElement;
  receive(from: number, ...events: Event[]): Promise<void>;
  click(): Promise<void>;
}

async function open(shown: ReactNode = <Chat />): Promise<Page> {
  let handlers: SocketHandlers | undefined;
  let frame = (): void => {};
  let isOpen = false;
  const openSocket: OpenSocket = (_, __, given) => {
    handlers = given;
    return {
      get isOpen() {
        return isOpen;
      },
      open: () => {},
      close: () => {},
      command: () => new Promise(() => {}),
      received: () => {},
    };
  };
  const scheduler = (apply: () => void): void => {
    frame = apply;
  };
  const client: ConvoClient = createClient({ url: "http://chat.test", openSocket, scheduler });
  const element = document.body.appendChild(document.createElement("div"));
  await act(async () => {
    createRoot(element).render(
      <StrictMode>
        <ConvoProvider client={client}>{shown}</ConvoProvider>
      </StrictMode>,
    );
  });
  const main = element.querySelector("main");
  if (main === null || handlers === undefined) throw new Error("The page did not come up.");
  const server = handlers;
  await act(async () => {
    isOpen = true;
    server.hello({
      protocol: 1,
      session: "s1",
      thread: "t1",
      connection: "c1",
      principal: { id: "p1" },
      limits: { messageBytes: 1, commandsPerSecond: 1, sessionTimeout: 1 },
    });
    server.snapshot({ log: "L", to: 0, state: { thread: { id: "t1" }, saved: {} } });
    frame();
  });
  return {
    main,
    receive: (from, ...events) =>
      act(async () => {
        server.batch({ log: "L", from, to: from + events.length - 1, events });
        frame();
      }),
    click: () => act(async () => main.querySelector("button")?.click()),
  };
}

const TWO_MESSAGES: Event[] = [
  { kind: "step-opened", step: { id: "m1", type: "assistant_message" } },
  { kind: "step-opened", step: { id: "m2", type: "assistant_message", priorId: "m1" } },
  { kind: "leaf-moved", id: "m2" },
];

test("a delta renders the one component that shows its step", async () => {
  const page = await open();
  expect(page.main.dataset.status).toBe("online");
  await page.receive(1, ...TWO_MESSAGES);
  rendered.length = 0;
  await page.receive(4, { kind: "step-delta", id: "m2", text: "Hello" });
  expect(new Set(rendered)).toEqual(new Set(["m2"]));
  expect([...page.main.querySelectorAll("p")].map((p) => p.textContent)).toEqual(["", "Hello"]);
});

test("who wants one fact of a step renders when it changes, and for no delta", async () => {
  const page = await open();
  await page.receive(1, ...TWO_MESSAGES);
  rendered.length = 0;
  await page.receive(4, { kind: "step-closed", id: "m2", end: "T" });
  expect(rendered.filter((name) => name.startsWith("sign"))).toEqual(["sign of m2", "sign of m2"]);
  expect([...page.main.querySelectorAll("b")].map((sign) => sign.textContent)).toEqual(["writing", "done"]);
});

test("a message is on its way until the log shows it as queued", async () => {
  const page = await open();
  await page.click();
  expect(page.main.querySelector("i")?.textContent).toBe("typed");
  const stored = JSON.parse(sessionStorage.getItem("convo:outbox") ?? "[]") as { id: string }[];
  await page.receive(1, {
    kind: "run-queued",
    id: "r1",
    callback: "on_message",
    at: "T",
    text: "typed",
    commandId: stored[0]?.id ?? "",
  });
  expect(page.main.querySelectorAll("i")).toHaveLength(1);
});

test("a trace grows with its run, and is not read again for what is another's", async () => {
  const page = await open(<Run />);
  const soon = () => act(() => new Promise((resolve) => setTimeout(resolve, 5)));
  const rows = () => [...page.main.querySelectorAll("p")].map((row) => row.textContent);
  expect(rows()).toEqual([]);
  await page.receive(
    1,
    { kind: "run-queued", id: "r1", callback: "on_message", at: "2026-01-01T00:00:00Z" },
    { kind: "run-started", id: "r1", at: "2026-01-01T00:00:00Z" },
    { kind: "step-opened", step: { id: "a", type: "run", runId: "r1" } },
    { kind: "step-opened", step: { id: "b", type: "llm", runId: "r1", parentId: "a" } },
  );
  await soon();
  expect(rows()).toEqual(["0 a running", "1 b running"]);
  expect(page.main.dataset.work).toBe("2");
  const set = { generation: { tokenCount: 7 } };
  await page.receive(5, { kind: "step-closed", id: "b", end: "2026-01-01T00:00:01Z", set });
  await soon();
  expect(rows()).toEqual(["0 a running", "1 b done"]);
  expect(page.main.dataset.tokens).toBe("7");
  rendered.length = 0;
  await page.receive(6, { kind: "step-opened", step: { id: "m1", type: "assistant_message", runId: "r2" } });
  await soon();
  expect(rendered).toEqual([]);
  await page.receive(7, { kind: "run-ended", id: "r1", at: "2026-01-01T00:00:02Z", status: "stopped" });
  await soon();
  expect(rows()).toEqual(["0 a stopped", "1 b done"]);
});

test("outside a provider the error says what is missing", () => {
  const element = document.createElement("div");
  const root = createRoot(element, { onUncaughtError: () => {} });
  expect(() => act(() => root.render(<Chat />))).toThrow(/below a `ConvoProvider`/);
});
