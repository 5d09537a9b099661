import mermaid from "mermaid";
import type { Look } from "./look";

/** Runs in the frame: gets sources through a channel of its page, one at a time, and answers with images. */
addEventListener(
  "message",
  ({ ports: [port] }) => {
    if (!port) return;
    port.onmessage = ({ data }: MessageEvent<{ source: string; look: Look }>) =>
      void draw(data.source, data.look).then(
        (drawing) => port.postMessage(drawing),
        (error: unknown) => port.postMessage({ error: error instanceof Error ? error.message : String(error) }),
      );
  },
  { once: true },
);
parent.postMessage("ready", "*");

let count = 0;

async function draw(source: string, { isDark, font, colours }: Look) {
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: "strict",
    htmlLabels: false,
    flowchart: { htmlLabels: false, useMaxWidth: false },
    suppressErrorRendering: true,
    maxTextSize: 50_000,
    maxEdges: 500,
    // What a source may not change by a directive.
    secure: [
      "secure",
      "securityLevel",
      "startOnLoad",
      "suppressErrorRendering",
      "maxTextSize",
      "maxEdges",
      "htmlLabels",
      "themeCSS",
      "fontFamily",
      "dompurifyConfig",
    ],
    theme: "base",
    darkMode: isDark,
    fontFamily: font,
    fontSize: 14,
    themeCSS: ".node rect { rx: 6px; ry: 6px } .edgeLabel rect { opacity: 1 }",
    themeVariables: {
      darkMode: isDark,
      fontFamily: font,
      fontSize: "14px",
      background: colours.bg,
      mainBkg: colours["accent-soft"],
      primaryColor: colours["accent-soft"],
      primaryTextColor: colours.ink,
      primaryBorderColor: colours.accent,
      secondaryColor: colours["bg-3"],
      secondaryTextColor: colours.ink,
      secondaryBorderColor: colours["line-strong"],
      tertiaryColor: colours["bg-2"],
      tertiaryTextColor: colours.ink,
      tertiaryBorderColor: colours["line-strong"],
      lineColor: colours["ink-2"],
      textColor: colours.ink,
      titleColor: colours.ink,
      nodeBorder: colours.accent,
      clusterBkg: colours["bg-2"],
      clusterBorder: colours.line,
      edgeLabelBackground: colours.bg,
      noteBkgColor: colours["warn-soft"],
      noteTextColor: colours.ink,
      noteBorderColor: colours["line-strong"],
      actorBkg: colours["accent-soft"],
      actorBorder: colours.accent,
      actorTextColor: colours.ink,
      signalColor: colours["ink-2"],
      signalTextColor: colours.ink,
      labelBoxBkgColor: colours["bg-2"],
      labelBoxBorderColor: colours.line,
    },
  });
  count += 1;
  const { svg } = await mermaid.render(`drawing-${count}`, source);
  const page = new DOMParser().parseFromString(svg, "text/html");
  const root = page.querySelector("svg");
  const [, , width = 0, height = 0] = (root?.getAttribute("viewBox") ?? "").split(/[\s,]+/).map(Number);
  if (!root || !(width > 0) || !(height > 0)) throw new Error("Nothing was drawn.");
  root.setAttribute("width", String(width));
  root.setAttribute("height", String(height));
  root.style.removeProperty("max-width");
  // As XML, which an image must be.
  return { svg: new XMLSerializer().serializeToString(root), width, height };
}
