import { act, Component, type ReactNode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { later } from "./later";
import { askAgain, isOutdated, onOutdated, part } from "./part";

let answer: () => Promise<Response>;

beforeEach(() => {
  vi.useFakeTimers();
  answer = () => Promise.reject(new TypeError("Failed to fetch"));
  vi.stubGlobal("fetch", () => answer());
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const lost = () => new TypeError("Failed to fetch dynamically imported module: http://localhost/assets/X.js");
const there = (status = 200) => Promise.resolve(new Response(null, { status }));

/** An import that fails so many times before what it imports comes. */
function failing<T>(times: number, value: T): () => Promise<T> {
  let left = times;
  return vi.fn(() => (left-- > 0 ? Promise.reject(lost()) : Promise.resolve(value)));
}

test("a part that does not come is asked for again, ever more rarely", async () => {
  const load = failing(12, "here");
  const wanted = part(load);
  let had: string | undefined;
  void wanted().then((value) => {
    had = value;
  });
  const tries: number[] = [];
  for (let second = 0; second < 300; second++) {
    await vi.advanceTimersByTimeAsync(second === 0 ? 0 : 1_000);
    if (vi.mocked(load).mock.calls.length > tries.length) tries.push(second);
  }
  expect(tries).toEqual([0, 1, 3, 7, 15, 31, 61, 91, 121, 151, 181, 211, 241]);
  expect(had).toBe("here");
  expect(isOutdated()).toBe(false);
});

test("all who want a part get it by one import", async () => {
  const load = failing(1, "here");
  const wanted = part(load);
  const both = Promise.all([wanted(), wanted()]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await both).toEqual(["here", "here"]);
  expect(await wanted()).toBe("here");
  expect(load).toHaveBeenCalledTimes(2);
});

test.each([
  ["the browser is online", () => dispatchEvent(new Event("online"))],
  ["the server is heard", askAgain],
])("it is asked for at once when %s again", async (_, back) => {
  const wanted = part(failing(6, "here"));
  const had = wanted();
  await vi.advanceTimersByTimeAsync(40_000); // six tries; the next is far
  back();
  await vi.advanceTimersByTimeAsync(0);
  expect(await had).toBe("here");
});

test("a network that is back before it is asked after costs no wait", async () => {
  answer = () => there();
  expect(await part(failing(1, "here"))()).toBe("here");
  expect(isOutdated()).toBe(false);
});

test("a server that answers and does not have it has a newer page, until it has it after all", async () => {
  const told = vi.fn();
  const end = onOutdated(told);
  answer = () => there(404);
  const had = part(failing(3, "here"))();
  await vi.advanceTimersByTimeAsync(0);
  expect(isOutdated()).toBe(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await had).toBe("here");
  expect(isOutdated()).toBe(false);
  expect(told).toHaveBeenCalledTimes(2);
  end();
});

test("a proxy that answers for a server that is away says nothing of a part", async () => {
  answer = () => there(502);
  const had = part(failing(4, "here"))();
  await vi.advanceTimersByTimeAsync(8_000);
  expect(isOutdated()).toBe(false);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await had).toBe("here");
});

test("what a module itself throws is not waited out", async () => {
  answer = () => there();
  const broken = new TypeError("x is not a function");
  const load = vi.fn(() => Promise.reject(broken));
  await expect(part(load)()).rejects.toBe(broken);
  expect(load).toHaveBeenCalledTimes(2);
});

class Boundary extends Component<{ readonly children: ReactNode }> {
  override state = { isCrashed: false };

  static getDerivedStateFromError() {
    return { isCrashed: true };
  }

  override render(): ReactNode {
    return this.state.isCrashed ? "crashed" : this.props.children;
  }
}

test("a component that does not come leaves the page as it is, and is shown when it has come", async () => {
  const Settings = later(failing(3, ({ name }: { name: string }) => <b>{name}</b>));
  const host = document.createElement("div");
  const root = createRoot(host);
  await act(async () =>
    root.render(
      <Boundary>
        The chat
        <Suspense>
          <Settings name="Settings" />
        </Suspense>
      </Boundary>,
    ),
  );
  await act(() => vi.advanceTimersByTimeAsync(2_000));
  expect(host.textContent).toBe("The chat");
  await act(() => vi.advanceTimersByTimeAsync(10_000));
  expect(host.textContent).toBe("The chatSettings");
  act(() => root.unmount());
});

test("what was loaded ahead is not asked for when it is shown", async () => {
  const load = failing(1, () => <b>Leaving</b>);
  const Leaving = later(load);
  Leaving.load();
  await vi.advanceTimersByTimeAsync(1_000);
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  const host = document.createElement("div");
  const root = createRoot(host);
  await act(async () =>
    root.render(
      <Suspense>
        <Leaving />
      </Suspense>,
    ),
  );
  expect(host.textContent).toBe("Leaving");
  expect(load).toHaveBeenCalledTimes(2);
  act(() => root.unmount());
});
