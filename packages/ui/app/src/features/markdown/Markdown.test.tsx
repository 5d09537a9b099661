import type { Token, Tokens } from "marked";
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { answer } from "../../dev/answer";
import { type LinkNames, MentionContext } from "../element/MentionScope";
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

It costs $5 and $10, not \\(x_1 + \\frac{1}{2}\\) or $y^2$, said the note[^1] and [2](https://example.com/two "Two").
\\[
a + b
- c = |d|
\\]
where

$$
\\begin{aligned} x &= 1 \\\\ y &= 2 \\end{aligned}
$$

> [!WARNING]
> Mind the **gap** and $z$

<details>
<summary>More \`code\`</summary>

- in *it*
  \`\`\`py
  # </details>
  \`\`\`

</details>

- item
  > [!TIP] With a title
  > and \\(q\\)

[^1]: Notes have **text**
    and more [^two]

[^two]: Second
[^unused]: Third

$$ not closed
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

/** What is on the page, but for the ids that React gives. */
function picture(): Element | undefined {
  const copy = host.firstElementChild?.cloneNode(true) as Element | undefined;
  for (const node of copy?.querySelectorAll("[id], [data-note]") ?? []) {
    for (const name of ["id", "data-note", "href"])
      node.setAttribute(name, /-note-\d+$/.exec(node.getAttribute(name) ?? "")?.[0] ?? "");
  }
  return copy;
}

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
  const text = "![a cat](public/cat.png)\n\nA cat, and more words about it.\n\nAnd more.";
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
  const streamed = picture();
  act(() => root.unmount());
  root = createRoot(host);
  show(nasty, false);
  expect(picture()?.isEqualNode(streamed ?? null)).toBe(true);
}, 60_000); // two thousand renderings take 3 s, more on a busy machine

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
  ["it is \\(x^", "it is "],
  ["it is \\(x^2\\) **b", "it is \\(x^2\\) **b**"],
  ["it is $x^", "it is "],
  ["it costs $5 and", "it costs $5 and"],
  ["it costs $5 and **$1", "it costs $5 and **$1**"],
  ["export $HOME to", "export $HOME to"],
  ["a $b_1 * c$ and *d", "a $b_1 * c$ and *d*"],
  ["\\", ""],
  ["> [!NO", ""],
  ["> [!NOTE]", "> [!NOTE]"],
  ["text [^1", "text "],
  ["text\n[^1]:", "text\n"],
  ["<summ", ""],
  ["- a\n  ```py\n  **b", "- a\n  ```py\n  **b"],
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
    "a|b c|\n|\n\n|- |* |1. |2|# |> |```|~~~|`|**|_|[x]|(http://e.x)|[r]: http://e.x\n|\\||---|    |<div>|</div>|<details>\n|<summary>|</summary>|</details>|$|$$|$$\n|\\(|\\)|\\[|\\]\n|[^1]|[^1]: |> [!NOTE]\n|!|\t|&amp;|=|<!--|-->".split(
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

test.each([
  ["it is \\(x_1\\) here", ["x_1"]],
  ["$x$, $n$th, ($a+b$) and $2 \\\\times 3$", ["x", "n", "a+b", "2 \\\\times 3"]],
  ["so $$x$$ and \\[y\\] within", ["x", "y"]],
  ["$$\na\n- b\n$$\nthen", ["a\n- b"]],
  ["before\n\\[\na = 1\n\\].\nafter", ["a = 1\\,\\text{.}"]],
  ["- in a list \\(q\\)\n\n| $a$ | b |\n|--|--|\n| \\(c\\) | 5$ |", ["q", "a", "c"]],
  ["*one $a*b$ two*", ["a*b"]],
])("%j has the formulas %j", (text, formulas) => {
  expect(formulasIn(text)).toEqual(formulas);
});

test.each([
  "$5 and $10",
  "$5, $10 or $15 a month; US$7 and 8$",
  "from $5-$10, $5/month vs $10/month, ($5)($6)",
  "$HOME/$USER and $PATH:$HOME, or $x and so on, $y",
  "between $5 and 10$ it is",
  "`$x$` and \\$x\\$ and $ x $",
  "\\[not a link\\](https://example.com), \\[1\\], \\(see also above\\)",
  "$$ is money\n\nand more $$",
  "```\n$$\nx\n$$\n```",
])("%j has no formula", (text) => {
  expect(formulasIn(text)).toEqual([]);
});

test("a formula is hidden until it is whole, and then keeps its place", () => {
  const text = "The root is \\(\\frac{1}{2}\\) and\n\n$$\nx = \\sqrt{2}\n$$\n\nso it is.";
  const seen = new Set<string>();
  let formula: Element | null = null;
  for (let length = 1; length <= text.length; length += 1) {
    show(text.slice(0, length), true);
    for (const word of (host.textContent ?? "").matchAll(/[\\${}^]+/g))
      if (!host.querySelector(".formula")) seen.add(word[0]);
    formula ??= host.querySelector(".formula");
  }
  show(text, false);
  expect([...seen]).toEqual([]);
  expect(host.querySelector(".formula")).toBe(formula);
  expect(host.querySelectorAll(".formula")).toHaveLength(2);
});

test("a formula is set; one that cannot be is shown as it was written, and acts in no way", async () => {
  show("\\(x^2\\), \\(\\frac{1\\) and \\(\\href{javascript:alert(1)}{y}\\)\n\nstill here", false);
  await act(() => import("../math/typeset"));
  await vi.waitFor(async () => {
    await act(() => new Promise((resolve) => setTimeout(resolve)));
    expect(host.querySelector(".formula .waiting")).toBeNull();
  });
  expect(host.querySelectorAll(".katex").length).toBeGreaterThanOrEqual(1);
  expect(host.querySelector(".failed")?.textContent).toBe("\\(\\frac{1\\)");
  expect(host.querySelector("a")).toBeNull();
  expect(host.textContent).toContain("still here");
});

test("a callout has its kind, its title and what it says", () => {
  show("> [!NOTE]\n> Mind **this**\n\n> [!tip] By the way\n> - a list\n\n> [!other]\n> a quote", false);
  const [note, tip] = host.querySelectorAll(".callout");
  expect(note?.textContent).toBe("NoteMind this");
  expect(note?.querySelector("strong")?.textContent).toBe("this");
  expect(tip?.querySelector("p")?.textContent).toBe("By the way");
  expect(tip?.querySelector("li")?.textContent).toBe("a list");
  expect(host.querySelector("blockquote")?.textContent).toContain("[!other]");
});

test("a callout is one from its first word on", () => {
  const text = "> [!WARNING]\n> Mind the gap";
  for (let length = 1; length <= text.length; length += 1) {
    show(text.slice(0, length), true);
    expect(host.querySelector("blockquote"), text.slice(0, length)).toBeNull();
    expect(host.textContent).not.toContain("!");
  }
  expect(host.querySelector(".callout.is-warning")).not.toBeNull();
});

test("footnotes are numbered as they come, lead there and back, and share no id with another text", () => {
  const text = "One[^b] two[^a] one[^b], [^0-9]\n\n[^a]: Second **note**\n[^b]: First note\n\n    with more";
  act(() =>
    root.render(
      <>
        <Markdown text={text} />
        <Markdown text={text} />
      </>,
    ),
  );
  const [first, second] = host.querySelectorAll(".markdown");
  expect([...(first?.querySelectorAll(".cite a") ?? [])].map((mark) => mark.textContent)).toEqual(["1", "2", "1"]);
  expect(first?.querySelector("p")?.textContent).toContain("[^0-9]");
  expect([...(first?.querySelectorAll("ol li") ?? [])].map((note) => note.querySelector("div")?.textContent)).toEqual([
    "First notewith more",
    "Second note",
  ]);
  const ids = [...host.querySelectorAll("li[id]")].map((note) => note.id);
  expect(new Set(ids).size).toBe(4);
  HTMLElement.prototype.scrollIntoView = () => undefined;
  const mark = second?.querySelectorAll<HTMLElement>(".cite a")[2];
  act(() => mark?.click());
  expect(document.activeElement).toBe(second?.querySelector("li"));
  act(() => second?.querySelector<HTMLElement>(".note-back")?.click());
  expect(document.activeElement).toBe(mark);
});

test("details hold Markdown, and tags in code do not close them", () => {
  show(
    "<details open>\n<summary>More **of it**</summary>\n\n- a\n\n```html\n</details>\n```\n\n</details>\n\nafter",
    false,
  );
  const details = host.querySelector("details");
  expect(details?.open).toBe(true);
  expect(details?.querySelector("summary strong")?.textContent).toBe("of it");
  expect(details?.querySelector("code")?.textContent).toBe("</details>");
  expect(host.firstElementChild?.lastElementChild?.textContent).toBe("after");
  show('<details onclick="alert(1)"><summary>no</summary></details>', false);
  expect(host.querySelector("details")).toBeNull();
});

test("nothing anybody writes takes long", () => {
  const hostile = [
    "$",
    "$$",
    "\\(",
    "\\[",
    "\n$$\n",
    "[^1",
    "[^1]",
    "\n[^1]: ",
    "> [!NOTE]\n",
    "<details>\n",
    "\\",
    " ",
    "\n",
    "`",
    "|",
    "| ",
    "$a ",
    "$1 ",
    "\n\n",
  ];
  for (const piece of hostile) {
    const text = piece.repeat(Math.ceil(10_000 / piece.length));
    const start = performance.now();
    for (const written of [text, `a ${text}x`, `- ${text}\nb`]) {
      heal(written);
      new Blocks().update(written, true);
    }
    expect(performance.now() - start, JSON.stringify(piece)).toBeLessThan(2_000);
  }
}, 60_000);

function formulasIn(text: string): unknown[] {
  const formulas: unknown[] = [];
  each(new Blocks().update(text, false), (token) => token.type === "formula" && formulas.push(token.tex));
  return formulas;
}

function each(tokens: readonly Token[], visit: (token: Tokens.Generic) => void): void {
  for (const token of tokens as readonly Tokens.Generic[]) {
    visit(token);
    for (const inner of [token.tokens, token.items, token.header, token.rows?.flat()])
      if (Array.isArray(inner)) each(inner, visit);
  }
}

test("names are linked as they come, in every kind of text, but neither in code nor within another link", () => {
  const link: LinkNames = (text) =>
    text.split(/(my_plan)/).map((piece) => (piece === "my_plan" ? <u key="only">{piece}</u> : piece));
  const text =
    "# my_plan\n\nThe **my_plan**, my\\_plan and `my_plan`, [to my_plan](https://example.com).\n\n- my_plan\n\n```\nmy_plan\n```\n";
  for (const end of [12, 30, text.length]) {
    act(() =>
      root.render(
        <MentionContext value={link}>
          <Markdown text={text.slice(0, end)} isOpen={end < text.length} />
        </MentionContext>,
      ),
    );
    if (end === 12) expect(host.querySelectorAll("u")).toHaveLength(1);
  }
  const parents = [...host.querySelectorAll("u")].map((found) => found.parentElement?.tagName);
  expect(parents).toEqual(["H3", "STRONG", "P", "DIV"]);
});
