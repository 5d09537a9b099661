import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

vi.mock("../../config", () => ({
  config: { html: true, images: ["https://images.example"], root: "", language: "en" },
}));
const { Markdown } = await import("../markdown/Markdown");
const { styleOf } = await import("./style");
await import("./Html");

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

let host: HTMLElement;
let root: Root;

beforeEach(() => {
  host = document.createElement("div");
  document.body.append(host);
  root = createRoot(host);
});

afterEach(() => {
  act(() => root.unmount());
  host.remove();
});

async function show(text: string): Promise<string> {
  await act(async () => root.render(<Markdown text={text} />));
  await act(async () => undefined);
  return host.querySelector(".markdown")?.innerHTML ?? "";
}

test("HTML that only looks is drawn", async () => {
  expect(await show("A <b>bold *word*</b> and H<sub>2</sub>O<br>next")).toBe(
    "<p>A <b>bold <em>word</em></b> and H<sub>2</sub>O<br>next</p>",
  );
  expect(await show('<div align="center"><span style="color: red; position: fixed">red</span></div>')).toBe(
    '<div class="html"><div style="text-align: center;"><span style="color: red;">red</span></div></div>',
  );
  expect(await show("<table><tr><td colspan=2>x</td></tr></table>")).toContain('<td colspan="2">x</td>');
  expect(await show("An <b>open one and </i> a stray end")).toBe("<p>An open one and  a stray end</p>");
});

const ATTACKS = [
  "<script>boom()</script>",
  "<img src=x onerror=boom()>",
  "text <img src=x onerror=boom()> text",
  '<a href="javascript:boom()">x</a>',
  'text <a href="jav&#x09;ascript:boom()" onclick="boom()">x</a>',
  "<svg><script>boom()</script></svg>",
  "<svg onload=boom()>",
  "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=boom()&gt;'>",
  "<iframe src=javascript:boom()></iframe>",
  "<form action=javascript:boom()><input type=submit></form>",
  "<details open ontoggle=boom()>x</details>",
  "<div style=\"background: url('https://evil.example/x')\" class=dialog id=root>x</div>",
  "<style>* { display: none }</style>",
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=https://evil.example">',
  '<object data="x"></object><embed src="x"><video src=x onerror=boom()></video>',
  "<template><script>boom()</script></template>",
  "<x-y onclick=boom()>x</x-y>",
  '<a href="data:text/html,<script>boom()</script>">x</a>',
  "<p>a</p><noscript><p title='</noscript><img src=x onerror=boom()>'>",
];

test.each(ATTACKS)("%s does nothing", async (attack) => {
  const boom = vi.fn();
  vi.stubGlobal("boom", boom);
  await show(attack);
  await show(`in a line: ${attack} and on`);
  for (const element of host.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      expect(name).not.toMatch(/^on|^id$|^name$|^action$|^srcdoc$/);
      expect(value).not.toMatch(/javascript|evil|data:text/i);
    }
  }
  expect(
    host.querySelector("script, style, iframe, form, object, embed, svg, math, base, meta, video, template"),
  ).toBeNull();
  expect(host.querySelector(".html [class]:not(.held-image, .held-image *)")).toBeNull();
  expect(boom).not.toHaveBeenCalled();
});

test("images of HTML are held like others", async () => {
  expect(await show('<img src="https://images.example/a.png" width="20" alt="near">')).toContain("<img");
  expect(await show('<img src="https://far.example/a.png" alt="far">')).not.toContain("<img");
});

test("a style is of an element's own looks", () => {
  expect(styleOf("color: #f00; margin-left: 2em; background-color: rgb(1, 2, 3)")).toEqual({
    color: "#f00",
    marginLeft: "2em",
    backgroundColor: "rgb(1, 2, 3)",
  });
  for (const bad of [
    "position: fixed",
    "background: url(x)",
    "margin: -100px",
    "background-color: url(x)",
    "width: expression(boom())",
    "z-index: 9",
    "color: image(x)",
    "font-family: x",
    "--x: y",
    "color",
  ])
    expect(styleOf(bad)).toBeUndefined();
});
