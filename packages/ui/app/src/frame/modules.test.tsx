import { act, type ReactNode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import types from "../../public/elements.d.ts?raw";
import type { FromFrame } from "../features/custom/messages";
import { ElementStore } from "./element";
import { SourceError } from "./evaluate";
import { Modules } from "./modules";
import { Port } from "./port";

let said: FromFrame[];
let answer: (data: unknown) => void;
let port: Port;
let store: ElementStore;
let modules: Modules;
let root: Root;
let host: HTMLElement;

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  said = [];
  const channel = { postMessage: (message: FromFrame) => said.push(message), onmessage: (_: unknown) => {} };
  port = new Port({ port: channel as unknown as MessagePort, run() {}, parts: {} });
  port.open(() => {});
  answer = (data) => channel.onmessage({ data });
  store = new ElementStore(port);
  modules = new Modules(port, store);
  host = document.createElement("div");
  document.body.append(host);
  root = createRoot(host);
});

afterEach(() => {
  act(() => root.unmount());
  host.remove();
});

const ui = () => modules.require("convo/ui") as Record<string, React.ElementType>;
const show = (node: ReactNode) => act(async () => root.render(node));

test("editors know exactly the components that there are", () => {
  const inner = types.slice(types.indexOf('declare module "convo/ui"'), types.indexOf('declare module "@/components'));
  const named = [...inner.matchAll(/^ {2}export (?:const|function) (\w+)/gm)].map(([, name]) => name);
  expect(named.sort()).toEqual(Object.keys(ui()).sort());
  const convo = types.slice(types.indexOf('declare module "convo" {'), types.indexOf('declare module "convo/ui"'));
  const functions = [...convo.matchAll(/^ {2}export (?:const|function) (\w+)/gm)].map(([, name]) => name);
  expect(functions.sort()).toEqual(Object.keys(modules.require("convo") as object).sort());
});

test("an import that is not there says its line, and what there is", async () => {
  const source = 'import React from "react";\nimport _ from "lodash";\n';
  const error: SourceError = await modules.load(["react", "lodash"], source).then(
    () => expect.fail(),
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(SourceError);
  expect(error).toMatchObject({ stage: "import", line: 2 });
  expect(error.message).toContain("`lodash` cannot be imported");
  expect(error.message).toContain("lucide-react");
  for (const name of ["__proto__", "constructor", "@/components/ui/__proto__", "@/components/ui/", "../x"]) {
    await expect(modules.load([name], "")).rejects.toBeInstanceOf(SourceError);
  }
});

test("what a component changes shows at once, and goes back when it is refused", async () => {
  store.take({ n: 1 });
  const changing = store.updateElement({ n: 2 });
  expect(store.props).toEqual({ n: 2 });
  store.take({ n: 7 });
  expect(store.props).toEqual({ n: 2 });
  const failed = expect(changing).rejects.toMatchObject({ code: "not-found" });
  answer({ kind: "failure", id: 1, code: "not-found", text: "There is no such element." });
  await failed;
  expect(store.props).toEqual({ n: 7 });
});

test("props that are no plain data reject where they are given", async () => {
  const circle: Record<string, unknown> = {};
  circle.inner = circle;
  await expect(store.submit(circle)).rejects.toThrow(TypeError);
  expect(said).toEqual([]);
});

test("an icon draws itself when its drawing has come", async () => {
  const { Check, ArrowUpIcon } = modules.require("lucide-react") as Record<string, React.ElementType>;
  if (!Check || !ArrowUpIcon) expect.fail();
  await show([<Check key="a" className="h-4" />, <ArrowUpIcon key="b" />]);
  expect(said.filter(({ kind }) => kind === "sign")).toEqual([
    { kind: "sign", name: "Check" },
    { kind: "sign", name: "ArrowUp" },
  ]);
  await act(async () => answer({ kind: "sign", name: "Check", sign: [["path", { d: "M1 1" }]] }));
  expect(host.querySelector("svg.h-4 path")?.getAttribute("d")).toBe("M1 1");
});

test("controls say what is chosen, also those that keep it themselves", async () => {
  const {
    Checkbox,
    Select,
    SelectTrigger,
    SelectValue,
    SelectContent,
    SelectItem,
    Tabs,
    TabsList,
    TabsTrigger,
    TabsContent,
  } = ui() as Record<string, React.ElementType> & { Checkbox: React.ElementType };
  if (!Select || !SelectTrigger || !SelectValue || !SelectContent || !SelectItem) expect.fail();
  if (!Tabs || !TabsList || !TabsTrigger || !TabsContent) expect.fail();
  const checked = vi.fn();
  const chosen = vi.fn();
  await show(
    <>
      <Checkbox aria-label="Agree" onCheckedChange={checked} />
      <Select onValueChange={chosen}>
        <SelectTrigger aria-label="Fruit">
          <SelectValue placeholder="Choose" />
        </SelectTrigger>
        <SelectContent>
          <SelectItem value="a">
            An <b>apple</b>
          </SelectItem>
          <SelectItem value="b">Bread</SelectItem>
        </SelectContent>
      </Select>
      <Tabs defaultValue="one">
        <TabsList>
          <TabsTrigger value="one">One</TabsTrigger>
          <TabsTrigger value="two">Two</TabsTrigger>
        </TabsList>
        <TabsContent value="one">First</TabsContent>
        <TabsContent value="two">Second</TabsContent>
      </Tabs>
    </>,
  );
  const box = host.querySelector<HTMLElement>("[role=checkbox]");
  await act(async () => box?.click());
  expect(checked).toHaveBeenCalledWith(true);
  expect(box?.getAttribute("aria-checked")).toBe("true");
  const select = host.querySelector("select");
  expect([...(select?.options ?? [])].map(({ text }) => text)).toEqual(["", "An apple", "Bread"]);
  await act(async () => {
    if (select) select.value = "a";
    select?.dispatchEvent(new Event("change", { bubbles: true }));
  });
  expect(chosen).toHaveBeenCalledWith("a");
  expect(host.querySelector(".ui-select-value")?.textContent).toBe("An apple");
  await act(async () => host.querySelectorAll<HTMLElement>("[role=tab]")[1]?.click());
  expect(host.querySelector("[role=tabpanel]")?.textContent).toBe("Second");
});
