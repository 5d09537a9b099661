import { MESSAGE_TYPES, type Step, type StepFields, type TextField } from "./protocol.gen";

/** A step as a reader sees it: every text joined, every default filled in. A new object for every change. */
export type StepView = Step & {
  readonly output: string;
  readonly input: string;
  readonly isOpen: boolean;
  /** Ids of the steps directly below it, messages left out: those stand in their turn. */
  readonly children: readonly string[];
  readonly isMessage: boolean;
};

const DEFAULTS: Readonly<Record<string, unknown>> = {
  name: "",
  input: "",
  output: "",
  showInput: false,
  isError: false,
  defaultOpen: false,
  autoCollapse: false,
  favourite: false,
};

/** A step with its texts as parts, so that a delta costs the same however long the text is. */
export class StepEntry {
  #step: Step;
  #output: string[] | undefined;
  #input: string[] | undefined;
  #view: StepView | undefined;
  #children: readonly string[] = [];

  constructor(step: Step) {
    this.#step = step;
  }

  /** The step without joining: everything but `output` and `input` is right. */
  get facts(): Step {
    return this.#step;
  }

  /** The whole step as the wire writes it: what is at its default is left out. */
  get step(): Step {
    if (this.#output !== undefined) this.#step = withFields(this.#step, { output: this.#output.join("") });
    if (this.#input !== undefined) this.#step = withFields(this.#step, { input: this.#input.join("") });
    this.#output = undefined;
    this.#input = undefined;
    return this.#step;
  }

  get isMessage(): boolean {
    return MESSAGE_TYPES.includes(this.#step.type);
  }

  /** The same object until something changes. */
  get view(): StepView {
    if (this.#view === undefined) {
      const step = this.step;
      this.#view = {
        ...step,
        output: step.output ?? "",
        input: step.input ?? "",
        isOpen: step.end === undefined,
        children: this.#children,
        isMessage: this.isMessage,
      };
    }
    return this.#view;
  }

  append(field: TextField, text: string): void {
    this.#view = undefined;
    if (field === "output") {
      this.#output ??= [this.#step.output ?? ""];
      this.#output.push(text);
    } else {
      this.#input ??= [this.#step.input ?? ""];
      this.#input.push(text);
    }
    if (this.#step.end !== undefined) this.#step = withFields(this.#step, { end: null });
  }

  /** Set fields; `null` takes one away. */
  set(fields: StepFields & { priorId?: string | null }): void {
    this.#view = undefined;
    if (fields.output !== undefined) this.#output = undefined;
    if (fields.input !== undefined) this.#input = undefined;
    this.#step = withFields(this.#step, fields);
  }

  setChildren(children: readonly string[]): void {
    const before = this.#children;
    if (children.length === before.length && children.every((child, index) => child === before[index])) return;
    this.#view = undefined;
    this.#children = children;
  }

  get children(): readonly string[] {
    return this.#children;
  }
}

function withFields(step: Step, fields: object): Step {
  return merge(step, fields, DEFAULTS);
}

/** `target` with `fields` set; a field set to null or to its default is left out, as on the wire. */
export function merge<T extends object>(
  target: T,
  fields: object,
  defaults: Readonly<Record<string, unknown>> = {},
): T {
  const merged: Record<string, unknown> = { ...(target as Record<string, unknown>) };
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (value === null || value === defaults[name]) delete merged[name];
    else merged[name] = value;
  }
  return merged as T;
}
