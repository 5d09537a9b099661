import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Composer } from "./Composer";

const commands = vi.hoisted(() => ({ send: vi.fn() }));
const runs = vi.hoisted(() => ({ running: [] as { id: string }[], queued: [] as { id: string; text: string }[] }));
const client = vi.hoisted(() => ({
  command: vi.fn(),
  request: vi.fn(),
  field: () => undefined,
  favourites: () => [],
  turns: [],
  runs,
}));
vi.mock("@convo/react", () => ({
  useClient: () => client,
  useField: () => undefined,
  useAppInfo: () => undefined,
  usePendingAsks: () => [],
  useCommands: () => commands,
  useRuns: () => runs,
  useConnection: () => ({ status: "online" }),
  useHello: () => ({ limits: { messageBytes: 64 } }),
}));

let host: HTMLElement;
let root: Root;

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  vi.stubGlobal("matchMedia", () => ({ matches: true }));
  localStorage.clear();
  vi.clearAllMocks();
  runs.running = [];
  runs.queued = [];
  mount();
});

afterEach(unmount);

function mount(thread?: string): void {
  host = document.createElement("div");
  document.body.append(host);
  root = createRoot(host);
  act(() => root.render(<Composer thread={thread} />));
}

function unmount(): void {
  act(() => root.unmount());
  host.remove();
}

const area = (): HTMLTextAreaElement => {
  const element = host.querySelector("textarea");
  if (!element) throw new Error("no composer");
  return element;
};
const button = (label: string) => host.querySelector<HTMLButtonElement>(`button[aria-label="${label}"]`);

function write(text: string): void {
  act(() => {
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value")?.set?.call(area(), text);
    area().dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function press(key: string, init: KeyboardEventInit = {}): boolean {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
  act(() => void area().dispatchEvent(event));
  return event.defaultPrevented;
}

test("Enter sends the message and empties the field", () => {
  write("  hello ");
  expect(press("Enter")).toBe(true);
  expect(commands.send).toHaveBeenCalledExactlyOnceWith("hello", {});
  expect(area().value).toBe("");
});

test("Shift and Enter begin a new line", () => {
  write("hello");
  expect(press("Enter", { shiftKey: true })).toBe(false);
  expect(commands.send).not.toHaveBeenCalled();
});

test("Enter that ends a composition does not send", () => {
  write("にほん");
  expect(press("Enter", { isComposing: true })).toBe(false);
  expect(press("Enter", { keyCode: 229 })).toBe(false);
  expect(commands.send).not.toHaveBeenCalled();
});

test("an empty message cannot be sent", () => {
  write("   ");
  press("Enter");
  expect(commands.send).not.toHaveBeenCalled();
  expect(button("Send")?.disabled).toBe(true);
});

test("a message beyond the server's limit is kept and explained", () => {
  write("é".repeat(40));
  press("Enter");
  expect(commands.send).not.toHaveBeenCalled();
  expect(host.querySelector("[role=alert]")?.textContent).toContain("Too long");
});

test("a draft survives a reload", () => {
  write("half a thought");
  unmount();
  mount();
  expect(area().value).toBe("half a thought");
});

test("each thread has its own draft", () => {
  write("for the new chat");
  unmount();
  mount("other");
  expect(area().value).toBe("");
});

test("what is being written stays when a new chat gets its name", () => {
  write("next question");
  act(() => root.render(<Composer thread="named" />));
  expect(area().value).toBe("next question");
  unmount();
  mount("named");
  expect(area().value).toBe("next question");
});

test("↑ recalls what was sent and ↓ goes back", () => {
  for (const text of ["first", "second"]) {
    write(text);
    press("Enter");
  }
  press("ArrowUp");
  expect(area().value).toBe("second");
  press("ArrowUp");
  expect(area().value).toBe("first");
  press("ArrowDown");
  press("ArrowDown");
  expect(area().value).toBe("");
});

test("a running answer can be stopped, and a next message sent", () => {
  runs.running = [{ id: "r1" }];
  unmount();
  mount();
  act(() => button("Stop")?.click());
  expect(client.request).toHaveBeenCalledExactlyOnceWith({ kind: "stop" });
  write("and then?");
  act(() => button("Send after the current answer")?.click());
  expect(commands.send).toHaveBeenCalledExactlyOnceWith("and then?", {});
});

test("stopping puts what waits before what is being written", async () => {
  runs.running = [{ id: "r1" }];
  runs.queued = [{ id: "r2", text: "And compare" }];
  unmount();
  mount();
  write("half");
  await act(async () => button("Stop")?.click());
  expect(area().value).toBe("And compare\n\nhalf");
});

test("a queued message taken back returns to the empty composer", async () => {
  client.command.mockResolvedValue({ id: "c", ok: true });
  runs.queued = [{ id: "r2", text: "And compare" }];
  unmount();
  mount();
  await act(async () => button("Remove “And compare” from the queue")?.click());
  expect(client.command).toHaveBeenCalledExactlyOnceWith({ kind: "dequeue", runId: "r2" });
  expect(area().value).toBe("And compare");
});

test("a queued message that has begun meanwhile stays where it is", async () => {
  client.command.mockResolvedValue({ id: "c", error: { code: "conflict", text: "It has already started." } });
  runs.queued = [{ id: "r2", text: "And compare" }];
  unmount();
  mount();
  await act(async () => button("Remove “And compare” from the queue")?.click());
  expect(area().value).toBe("");
  expect(host.querySelector("[role=alert]")?.textContent).toBe("It has already started.");
});
