import { expect, test } from "vitest";
import { codeFile } from "./file";

test.each([
  ["python", "x = 1", "python", "code.py"],
  ['ts title="app/main.ts"', "", "ts", "main.ts"],
  ["py:src/app.py", "", "py", "app.py"],
  ["js", "// lib/run.js\nrun()", "js", "run.js"],
  ["sql", "-- all of it\nselect 1", "sql", "code.sql"],
  ['sh title="../../etc/passwd"', "", "sh", "code.sh"],
  [undefined, "hello", undefined, "code.txt"],
  ["../x", "", "../x", "code.txt"],
])("%j is a file", (info, code, language, file) => {
  expect(codeFile(info, code)).toMatchObject({ language, file });
});
