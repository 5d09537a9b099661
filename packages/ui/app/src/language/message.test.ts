import { expect, test } from "vitest";
import { adoptConfig } from "../config";
import type { Catalogue } from "./catalogue";
import { formatNumber, regional } from "./format";
import { languages, ownName } from "./languages";
import { message } from "./message";

test("A text has its parameters in it", () => {
  expect(message("Go to {name}")({ name: "Atlas" })).toBe("Go to Atlas");
  expect(message("{at, number} of {all, number}")({ at: 2, all: 1234 })).toBe("2 of 1,234");
});

test("A count chooses its words, and what is inside them", () => {
  const rows = message(
    "{rows, plural, =0 {no rows} one {# row of {name}} other {# rows of {name}}} × {columns, number}",
  );
  expect(rows({ rows: 0, columns: 1, name: "a" })).toBe("no rows × 1");
  expect(rows({ rows: 1, columns: 2, name: "a" })).toBe("1 row of a × 2");
  expect(rows({ rows: 1200, columns: 3, name: "a" })).toBe("1,200 rows of a × 3");
});

test("What cannot be read is shown and does no harm", () => {
  for (const text of ["{", "{count, plural, one {", "{count, plural}", "}", "{a} {"]) {
    expect(message(text)({ count: 1, a: "x" })).toBeTypeOf("string");
  }
});

test("Numbers and plurals are those of a language that the app gets later", () => {
  try {
    expect(formatNumber(1234.5)).toBe("1,234.5");
    adoptConfig(JSON.stringify({ language: "de" }));
    expect(formatNumber(1234.5)).toBe("1.234,5");
    adoptConfig(JSON.stringify({ language: "pl" }));
    expect(message("{count, plural, one {# plik} few {# pliki} other {# plików}}")({ count: 3 })).toBe("3 pliki");
  } finally {
    adoptConfig("{}");
  }
});

test("Dates and numbers are written as in the reader's country, if it speaks the language", () => {
  expect(regional("en", ["de-DE", "en-GB"])).toBe("en-GB");
  expect(regional("de", ["en-GB"])).toBe("de");
});

test("Languages are called as they call themselves", () => {
  expect(ownName("de")).toBe("Deutsch");
  expect(ownName("zh-TW")).toBe("繁體中文");
  expect(languages().map(({ tag }) => tag)).toContain("en");
});

test("Plurals have the cases that browsers ask for", () => {
  const catalogues = import.meta.glob<Catalogue>("../../../src/convo_ui/languages/*.json", {
    eager: true,
    import: "default",
  });
  for (const [path, catalogue] of Object.entries(catalogues)) {
    const tag = path.slice(path.lastIndexOf("/") + 1, -".json".length);
    const text = (catalogue.composer as Catalogue).more as string;
    for (const category of new Intl.PluralRules(tag).resolvedOptions().pluralCategories) {
      // A million messages do not wait, and `other` would say it well enough.
      const isForMillions = category === "many" && ["es", "fr", "it", "pt"].includes(tag);
      if (!isForMillions) expect(text, `${tag}, ${category}`).toContain(`${category} {`);
    }
  }
});
