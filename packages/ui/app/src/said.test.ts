import { afterEach, expect, test } from "vitest";
import de from "../../src/convo_ui/languages/de.json";
import en from "../../src/convo_ui/languages/en.json";
import { said } from "./said";
import { put } from "./strings";

afterEach(() => put(en));

const FULL = { text: "This chat is full. Begin a new one.", key: "full" };

test("A failure is said in the page's language", () => {
  expect(said(FULL)).toBe(FULL.text);
  put(de);
  expect(said(FULL)).toBe("Dieser Chat ist voll. Beginne einen neuen.");
});

test("What the failure brings stands in its words", () => {
  put(de);
  const details = { name: "a.txt", mime: "text/plain", accept: ["image/png", "image/jpeg"] };
  expect(said({ text: "", key: "wrongFile", details })).toBe(
    "`a.txt` ist `text/plain`; erwünscht ist image/png, image/jpeg.",
  );
  expect(said({ text: "", key: "longMessage", details: { limit: 1000, size: 2000 } })).toContain("1,000 Bytes");
});

test("What there are no words for is said as the server says it", () => {
  put(de);
  for (const key of [undefined, null, "fromALaterServer", "constructor", "__proto__"]) {
    expect(said({ text: "Ask again.", ...(key !== undefined && { key }) })).toBe("Ask again.");
  }
});
