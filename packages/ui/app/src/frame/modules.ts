import * as React from "react";
import * as jsxRuntime from "react/jsx-runtime";
import * as ReactDOM from "react-dom";
import type { Part } from "../features/custom/messages";
import type { ElementStore } from "./element";
import { lineOf, SourceError } from "./evaluate";
import { lucide } from "./icons";
import * as Accordion from "./kit/Accordion";
import * as Alert from "./kit/Alert";
import * as Avatar from "./kit/Avatar";
import * as Badge from "./kit/Badge";
import * as Button from "./kit/Button";
import * as Card from "./kit/Card";
import * as Checkbox from "./kit/Checkbox";
import { cn } from "./kit/cn";
import * as Dialog from "./kit/Dialog";
import * as DropdownMenu from "./kit/DropdownMenu";
import * as Field from "./kit/Field";
import * as Layout from "./kit/Layout";
import * as Popover from "./kit/Popover";
import * as Progress from "./kit/Progress";
import * as RadioGroup from "./kit/RadioGroup";
import * as Select from "./kit/Select";
import * as Slider from "./kit/Slider";
import * as Table from "./kit/Table";
import * as Tabs from "./kit/Tabs";
import * as Tooltip from "./kit/Tooltip";
import type { Port } from "./port";

/** The ready components, by the name under which shadcn/ui has them. */
export const kit: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  accordion: { ...Accordion },
  alert: { ...Alert },
  "aspect-ratio": { AspectRatio: Layout.AspectRatio },
  avatar: { ...Avatar },
  badge: { ...Badge },
  button: { ...Button },
  card: { ...Card },
  checkbox: { Checkbox: Checkbox.Checkbox },
  dialog: { ...Dialog.dialog },
  "dropdown-menu": { ...DropdownMenu },
  "hover-card": { ...Tooltip.hoverCard },
  input: { Input: Field.Input },
  label: { Label: Field.Label },
  popover: { ...Popover },
  progress: { ...Progress },
  "radio-group": { ...RadioGroup },
  "scroll-area": { ScrollArea: Layout.ScrollArea, ScrollBar: Layout.ScrollBar },
  select: { ...Select },
  separator: { Separator: Layout.Separator },
  sheet: { ...Dialog.sheet },
  skeleton: { Skeleton: Layout.Skeleton },
  slider: { ...Slider },
  switch: { Switch: Checkbox.Switch },
  table: { ...Table },
  tabs: { ...Tabs },
  textarea: { Textarea: Field.Textarea },
  tooltip: { ...Tooltip.tooltip },
};

const KIT = "@/components/ui/";
/** What is loaded when it is first imported. */
const PARTS: Readonly<Record<string, Part>> = { "react-hook-form": "forms", zod: "zod" };

/** What a component may import. */
export class Modules {
  readonly #port: Port;
  readonly #ready: Readonly<Record<string, unknown>>;

  constructor(port: Port, store: ElementStore) {
    this.#port = port;
    this.#ready = {
      react: React,
      "react-dom": ReactDOM,
      "react/jsx-runtime": jsxRuntime,
      convo: convo(store),
      "convo/ui": Object.assign({ cn }, ...Object.values(kit)),
      "lucide-react": lucide(port),
      sonner: { toast: toast(store), Toaster: () => null },
      "@/lib/utils": { cn },
    };
  }

  /** Loads what has to be loaded. Rejects with `SourceError` for what there is not. */
  async load(names: readonly string[], source: string): Promise<void> {
    const parts: Part[] = [];
    for (const name of names) {
      const part = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
      if (part !== undefined) parts.push(part);
      else if (this.#find(name) === undefined) throw this.#missing(name, source);
    }
    await Promise.all(parts.map((part) => this.#port.need(part)));
  }

  readonly require = (name: string): unknown => {
    const part = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
    const found = part === undefined ? this.#find(name) : this.#port.parts[part];
    if (found === undefined) throw this.#missing(name, "");
    return found;
  };

  #find(name: string): unknown {
    if (Object.hasOwn(this.#ready, name)) return this.#ready[name];
    const inner = name.startsWith(KIT) ? name.slice(KIT.length) : "";
    return Object.hasOwn(kit, inner) ? kit[inner] : undefined;
  }

  #missing(name: string, source: string): SourceError {
    const there = [...Object.keys(this.#ready), ...Object.keys(PARTS)].sort();
    const text = [
      `\`${name}\` cannot be imported by a custom element. There are:`,
      there.join(", "),
      `and, as ${KIT}…: ${Object.keys(kit).join(", ")}.`,
    ].join("\n");
    return new SourceError("import", text, lineOf(source, name));
  }
}

/** The module `convo`. */
function convo(store: ElementStore): Readonly<Record<string, unknown>> {
  const { updateElement, deleteElement, callAction, sendUserMessage, submit, cancel } = store;
  const acts = { updateElement, deleteElement, callAction, sendUserMessage, submit, cancel };
  return {
    ...acts,
    useElement() {
      React.useSyncExternalStore(store.subscribe, () => store.version);
      return { props: store.props, ...store.facts, ...acts };
    },
    useTheme() {
      return React.useSyncExternalStore(store.subscribe, () => (store.isDark ? "dark" : "light"));
    },
  };
}

/** As `sonner` has it; what it says appears where the app's own notes do. */
function toast(store: ElementStore): unknown {
  const say =
    (tone: Parameters<ElementStore["toast"]>[1]) =>
    (text: unknown): void =>
      store.toast(String(text), tone);
  return Object.assign(say("info"), {
    message: say("info"),
    info: say("info"),
    success: say("success"),
    warning: say("warning"),
    error: say("error"),
    loading: say("info"),
    dismiss() {},
  });
}
