import { transform } from "sucrase";
import { expect, test } from "vitest";
import { classesIn, importsOf, lineOf } from "./evaluate";

test("classes are found in a component's source, with their variants and values", () => {
  const source =
    '<p className="mt-4 hover:bg-muted w-[12px] -m-1 p-0.5 text-sm/6 !font-bold">{cn("x-1", `sm:flex`)}</p>';
  expect(classesIn(source)).toEqual(
    expect.arrayContaining([
      "mt-4",
      "hover:bg-muted",
      "w-[12px]",
      "-m-1",
      "p-0.5",
      "text-sm/6",
      "!font-bold",
      "sm:flex",
    ]),
  );
});

test("what is imported is known before it runs, and types are no imports", () => {
  const source = [
    'import React, { useState } from "react";',
    "import { Button } from '@/components/ui/button';",
    'import type { Props } from "./types";',
    "export default () => <Button onClick={useState}>{React.version}</Button>;",
  ].join("\n");
  const { code } = transform(source, { transforms: ["jsx", "typescript", "imports"], production: true });
  expect(importsOf(code)).toEqual(["react", "@/components/ui/button"]);
  expect(lineOf(source, "@/components/ui/button")).toBe(2);
  expect(code.split("\n")).toHaveLength(source.split("\n").length);
});
