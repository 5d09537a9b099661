import { flushSync } from "react-dom";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Icon } from "./Icon";

let host: HTMLElement;
let root: Root;

beforeEach(() => {
  host = document.createElement("div");
  root = createRoot(host);
});

afterEach(() => root.unmount());

async function drawing(name: string): Promise<string> {
  flushSync(() => root.render(<Icon name={name} />));
  await vi.waitFor(() => expect(host.querySelector("svg")?.childElementCount).not.toBe(0));
  return host.innerHTML;
}

test("a Lucide name is drawn, however it is written", async () => {
  const house = await drawing("house");
  expect(house).toContain("<path");
  expect(await drawing("House")).toBe(house);
  expect(await drawing("home")).toBe(house); // its name before
  expect(await drawing("image-plus")).toBe(await drawing("ImagePlus"));
  expect(await drawing("axis-3d")).toBe(await drawing("Axis3D"));
});

test("an unknown name is a ring", async () => {
  expect(await drawing("no-such-thing")).toContain("<circle");
  expect(await drawing("constructor")).toBe(await drawing("no-such-thing"));
});

test("an address shows that image, one of the app's own below its root", async () => {
  flushSync(() => root.render(<Icon name="/public/logo.svg" />));
  expect(host.querySelector("img")?.getAttribute("src")).toBe("/public/logo.svg");
  flushSync(() => root.render(<Icon name="https://example.org/a.png" />));
  expect(host.querySelector("img")?.getAttribute("src")).toBe("https://example.org/a.png");
  flushSync(() => void host.querySelector("img")?.dispatchEvent(new Event("error")));
  expect(host.innerHTML).toContain("<circle");
});
