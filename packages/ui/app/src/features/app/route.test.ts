import { expect, test, vi } from "vitest";

test.each(["", "/chat", "/a/b"])("below %j a thread's address leads back to it", async (root) => {
  vi.resetModules();
  vi.doMock("../../config", () => ({ config: { root, name: "convo" } }));
  const { addressOf, elementAddress, elementOf, shareOf, threadOf } = await import("./route");
  expect(threadOf(addressOf("thr_1"))).toBe("thr_1");
  expect(threadOf(addressOf("a b/c"))).toBe("a b/c");
  expect(threadOf(`${root}/thread/thr_1/`)).toBe("thr_1");
  expect(threadOf(addressOf(undefined))).toBeUndefined();
  expect(threadOf(elementAddress("a b/c", "e/1"))).toBe("a b/c");
  expect(elementOf(elementAddress("a b/c", "e/1"))).toBe("e/1");
  expect(elementOf(addressOf("thr_1"))).toBeUndefined();
  expect(threadOf(`${root}/thread/%E0%A4%A`)).toBeUndefined();
  expect(shareOf(addressOf("thr_1"))).toBeUndefined();
  history.replaceState(null, "", `${root}/share/s_1`);
  expect([shareOf(location.pathname), threadOf(location.pathname)]).toEqual(["s_1", "s_1"]);
  expect(addressOf("s_1")).toBe(`${root}/share/s_1`);
  expect(shareOf(elementAddress("s_1", "e/1"))).toBe("s_1");
  expect(addressOf("thr_1")).toBe(`${root}/thread/thr_1`);
  history.replaceState(null, "", "/");
});
