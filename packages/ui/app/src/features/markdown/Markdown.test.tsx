import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test } from "vitest";
import { answer } from "../../dev/answer";
import { Blocks } from "./blocks";
import { heal } from "./heal";
import { Markdown } from "./Markdown";

const nasty = `${answer}
A [reference][ref] and a [half link](https://exa and **bold *nested* text** with \`code
\r\n

1. one

2. two
   \`\`\`py
   def f(): return "**not bold**"
   \`\`\`
- a
- b
  | x | y |
  |---|---|
  | 1 | [2](https://example.com/a_b) |

![image](https://example.com/i.png "title") <https://example.com> &copy; &#x41; &bogus;

[bad](javascript:alert(1)) ***both*** ~~gone~~ snake_case_word 2 * 3 * 4

Setext
---

    indented

> quote
> - list in it

[ref]: https://example.com/ref "Title"

~~~~
\`\`\`
~~~~
end *`;

let host: HTMLElement;
let root: Root;

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  host = document.createElement("div");
  document.body.append(host);
  root = createRoot(host);
});

afterEach(() => {
  act(() => root.unmount());
  host.remove();
});

const show = (text: string, isOpen: boolean) => act(() => root.render(<Markdown text={text} isOpen={isOpen} />));

test("finished blocks keep their DOM nodes while the text grows", () => {
  const kept = new Map<number, Element>();
  for (let length = 0; length <= answer.length; length += 7) {
    show(answer.slice(0, length), true);
    const blocks = [...(host.firstElementChild?.children ?? [])];
    for (const [index, node] of kept) expect(blocks[index]).toBe(node);
    blocks.slice(0, -2).forEach((node, index) => {
      kept.set(index, node);
    });
  }
  show(answer, false);
  expect(kept.size).toBeGreaterThan(6);
  for (const [index, node] of kept) expect(host.firstElementChild?.children[index]).toBe(node);
});

test("an image is mounted once", () => {
  const text = "![a cat](https://example.com/cat.png)\n\nA cat, and more words about it.\n\nAnd more.";
  show(text.slice(0, 40), true);
  const image = host.querySelector("img");
  expect(image?.getAttribute("loading")).toBe("lazy");
  for (let length = 41; length <= text.length; length += 1) show(text.slice(0, length), true);
  show(text, false);
  expect(host.querySelector("img")).toBe(image);
});

test("every prefix renders, and the end is what one reading gives", () => {
  for (let length = 0; length <= nasty.length; length += 1) show(nasty.slice(0, length), true);
  show(nasty, false);
  const streamed = host.firstElementChild?.cloneNode(true);
  act(() => root.unmount());
  root = createRoot(host);
  show(nasty, false);
  expect(host.firstElementChild?.isEqualNode(streamed ?? null)).toBe(true);
});

test("growing by any step gives the blocks of one reading", () => {
  const whole = new Blocks().update(nasty, false).map((token) => [token.type, token.raw]);
  for (const step of [1, 2, 3, 5, 13, 64]) {
    const blocks = new Blocks();
    for (let length = 0; length < nasty.length; length += step) blocks.update(nasty.slice(0, length), true);
    expect(blocks.update(nasty, false).map((token) => [token.type, token.raw])).toEqual(whole);
  }
});

test("a text that is replaced is read anew", () => {
  const blocks = new Blocks();
  blocks.update("# One\n\ntwo\n\nthree\n\nfour", true);
  expect(blocks.update("other", false).map((token) => token.raw)).toEqual(["other"]);
});

test.each([
  ["**bol", "**bol**"],
  ["**bold*", "**bold**"],
  ["a *b **c", "a *b **c***"],
  ["see `code", "see `code`"],
  ["see [the tick", "see the tick"],
  ["see [the tickets](https://exa", "see the tickets"],
  ["![cat](https://exa", ""],
  ["text\n-", "text\n"],
  ["```js\ncode\n``", "```js\ncode\n"],
  ["| a | b |", "| a | b |\n| --- | --- |"],
  ["| a | b |\n|--", "| a | b |\n| --- | --- |"],
  ["snake_case", "snake_case"],
  ["2 * 3", "2 * 3"],
  ["- one\n- **two", "- one\n- **two**"],
  ["whole **bold** [link](https://example.com) `code`", "whole **bold** [link](https://example.com) `code`"],
])("%j is healed to %j", (raw, healed) => {
  expect(heal(raw)).toBe(healed);
});

test("raw HTML is text and a dangerous link is no link", () => {
  show(
    '<img src=x onerror="alert(1)">\n\n[a](javascript:alert(1)) [b](data:text/html,x) [c](https://example.com) [d](mailto:a@example.com)',
    false,
  );
  expect(host.querySelector("img")).toBeNull();
  expect(host.textContent).toContain("<img src=x");
  expect([...host.querySelectorAll("a")].map((link) => link.textContent)).toEqual(["c", "d"]);
  expect(host.querySelector("a")?.rel).toContain("noopener");
});

test("headings start below the message's own and skip no level", () => {
  show("#### deep\n\n# up\n\n### down", false);
  expect([...host.querySelectorAll("h1,h2,h3,h4,h5,h6")].map((heading) => heading.tagName)).toEqual(["H3", "H3", "H3"]);
  show("# a\n\n### b\n\n## c", false);
  expect([...host.querySelectorAll("h3,h4,h5")].map((heading) => heading.tagName)).toEqual(["H3", "H4", "H4"]);
});

test("whatever is written in whatever pieces, the end is what one reading gives", () => {
  const parts =
    "a|b c|\n|\n\n|- |* |1. |2|# |> |```|~~~|`|**|_|[x]|(http://e.x)|[r]: http://e.x\n|\\||---|    |<div>|</div>|!|\t|&amp;|=|<!--|-->".split(
      /(?<!\\)\|/,
    );
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  for (let round = 0; round < 400; round += 1) {
    const text = Array.from({ length: 40 }, () => parts[random(parts.length)] ?? "").join("");
    const blocks = new Blocks();
    for (let length = 0; length < text.length; length += 1 + random(6)) blocks.update(text.slice(0, length), true);
    const shown = (token: { type: string; raw: string }) => [token.type, token.raw];
    expect(blocks.update(text, false).map(shown), JSON.stringify(text)).toEqual(
      new Blocks().update(text, false).map(shown),
    );
  }
});
