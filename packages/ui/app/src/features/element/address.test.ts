import { expect, test } from "vitest";
import { downloadAddress, isOurs, safeAddress } from "./address";

test.each(["https://example.com/a.png", "http://example.com/a", "/chat/public/a.png", "data:image/png;base64,AA"])(
  "%s is one to load",
  (address) => expect(safeAddress(address)).toBe(address),
);

test.each([
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "data:text/html,<script>",
  "file:///etc/passwd",
  "blob:x",
  "http://[",
])("%s is none", (address) => expect(safeAddress(address)).toBeUndefined());

test("only what lies here is asked to be saved", () => {
  expect(isOurs("/public/a.png")).toBe(true);
  expect(isOurs("//example.com/a.png")).toBe(false);
  expect(downloadAddress("/files/1")).toBe("/files/1?download=1");
  expect(downloadAddress("https://example.com/a")).toBe("https://example.com/a");
});
