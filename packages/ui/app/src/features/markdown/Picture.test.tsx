import { act } from "react";
import { createRoot } from "react-dom/client";
import { expect, test, vi } from "vitest";

vi.mock("../../config", () => ({
  config: { html: false, images: ["https://near.example", "https://*.cdn.example"], root: "", language: "en" },
}));
const { Markdown } = await import("./Markdown");
const { AuthorContext } = await import("./images");

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

function shown(text: string, isAuthors = false): HTMLElement {
  const host = document.createElement("div");
  const root = createRoot(host);
  act(() =>
    root.render(
      <AuthorContext value={isAuthors}>
        <Markdown text={text} />
      </AuthorContext>,
    ),
  );
  return host;
}

test("an image of a host that is not named is loaded when somebody wants it, and then for good", () => {
  const text = "![A chart](https://far.example/chart.png?secret=1)";
  const host = shown(text);
  expect(host.querySelector("img")).toBeNull();
  expect(host.textContent).toBe("A chartLoad image from far.example");
  act(() => host.querySelector("button")?.click());
  expect(host.querySelector("img")?.getAttribute("src")).toBe("https://far.example/chart.png?secret=1");
  expect(shown(text).querySelector("img")).not.toBeNull();
  expect(shown("![](https://far.example/other.png)").querySelector("img")).toBeNull();
});

test.each([
  ["https://near.example/a.png", true],
  ["https://a.cdn.example/a.png", true],
  ["public/a.png", true],
  ["data:image/png;base64,AAAA", true],
  ["http://near.example/a.png", false],
  ["https://near.example.evil.example/a.png", false],
  ["https://cdn.example/a.png", false],
  ["https://evilcdn.example/a.png", false],
  ["//far.example/a.png", false],
  ["https://near.example@far.example/a.png", false],
])("%s is shown at once: %s", (address, isShown) => {
  expect(shown(`![x](${address})`).querySelector("img") !== null).toBe(isShown);
});

test("the author's own texts show their images", () => {
  expect(shown("![x](https://elsewhere.example/a.png)", true).querySelector("img")).not.toBeNull();
});
