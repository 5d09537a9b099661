import { expect, test } from "vitest";
import { mentionsOf, unmentioned } from "./mention";
import type { ElementView } from "./viewers";

const side = (name: string): ElementView => ({ id: name, type: "text", name, display: "side" });

/** The text with its links in brackets. */
function linked(text: string, ...names: string[]): string | undefined {
  return mentionsOf(names.map(side))
    ?.split(text)
    .map((piece) => (typeof piece === "string" ? piece : `[${piece.name}]`))
    .join("");
}

test.each([
  ["See report and report 2.", "See [report] and [report 2]."],
  ["reports, myreport and report_b are other words", "reports, myreport and report_b are other words"],
  ["(report)", "([report])"],
  ["report", "[report]"],
  ["", ""],
])("in %j the longest name wins, and no part of a word is one", (text, shown) => {
  expect(linked(text, "report", "report 2")).toBe(shown);
});

test("a name may hold any character, and stand in a script without spaces", () => {
  expect(linked("Open a+b (1).csv now", "a+b (1).csv")).toBe("Open [a+b (1).csv] now");
  expect(linked("请看图表一的说明", "图表一")).toBe("请看[图表一]的说明");
});

test.each([
  "monthly-report.pdf",
  "--",
  "<img src=x onerror=boom(1)>",
  "[a](b) {c} ^d$ e|f? g* \\h/ i-j",
  "\ud800",
  "\u2028</script>",
])("the name %j is found as it is", (name) => {
  expect(linked(`See ${name} now`, name, "other-name")).toBe(`See [${name}] now`);
});

test("what stands below its message, or has no name, is no link", () => {
  expect(mentionsOf([{ id: "1", type: "image", name: "cat", display: "inline" }, side(" ")])).toBeUndefined();
});

test("of two elements with one name, the later is meant", () => {
  const [first, second] = [side("notes"), { ...side("notes"), id: "second" }];
  expect(mentionsOf([first, second])?.split("notes")).toEqual([second]);
});

test("a name that stands in code alone leads nowhere", () => {
  const elements = ["plan", "code", "block"].map(side);
  const text = "The plan and `code`.\n\n```\nblock\n```\n";
  expect(unmentioned(text, elements).map(({ name }) => name)).toEqual(["code", "block"]);
  expect(unmentioned("~~~\nplan", elements)).toHaveLength(3);
});
