import { strings } from "../../strings";

/** One field of the form, as the server describes it. Converters below never trust it to be whole. */
export interface Widget {
  readonly type: string;
  readonly id: string;
  readonly label: string;
  readonly initial?: unknown;
  readonly tooltip?: string;
  readonly description?: string;
  readonly disabled?: boolean;
  readonly placeholder?: string;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  readonly items?: readonly { readonly label: string; readonly value: string }[];
  readonly values?: readonly string[];
  readonly multiline?: boolean;
  readonly mode?: "single" | "range";
  readonly minDate?: string;
  readonly maxDate?: string;
}

export interface FormTab {
  readonly id: string;
  /** Empty for a form that has no tabs. */
  readonly label: string;
  readonly widgets: readonly Widget[];
}

export type Values = Readonly<Record<string, unknown>>;

export interface Form {
  readonly tabs: readonly FormTab[];
  readonly values: Values;
}

/** The form that the state holds; nothing where the app has none. */
export function formOf(settings: unknown): Form | undefined {
  const { tabs, inputs, values } = recordOf(settings);
  const shown: FormTab[] = Array.isArray(tabs)
    ? tabs.map((tab) => {
        const { id, label, inputs } = recordOf(tab);
        return { id: String(id), label: String(label), widgets: widgetsOf(inputs) };
      })
    : [{ id: "", label: "", widgets: widgetsOf(inputs) }];
  if (shown.every((tab) => tab.widgets.length === 0)) return undefined;
  return { tabs: shown, values: recordOf(values) };
}

function widgetsOf(inputs: unknown): readonly Widget[] {
  return Array.isArray(inputs) ? inputs.filter((input) => typeof recordOf(input).id === "string") : [];
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** What is wrong with a value, if anything. The server has the last word; this only says it at once. */
export function problemOf(widget: Widget, value: unknown): string | undefined {
  const words = strings.settings;
  switch (widget.type) {
    case "slider":
    case "numberinput": {
      if (value === null && widget.type === "numberinput") return undefined;
      if (typeof value !== "number" || !Number.isFinite(value)) return words.number;
      const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = widget;
      return value < min || value > max ? outside(min, max) : undefined;
    }
    case "select":
    case "radio":
      return value === null && widget.initial !== undefined ? words.choose : undefined;
    case "datepicker": {
      const days = Array.isArray(value) ? value : value === null ? [] : [value];
      if (days.some((day) => !isDay(day))) return words.date;
      if (widget.minDate !== undefined && days.some((day) => day < (widget.minDate ?? ""))) {
        return words.from({ day: widget.minDate });
      }
      if (widget.maxDate !== undefined && days.some((day) => day > (widget.maxDate ?? ""))) {
        return words.until({ day: widget.maxDate });
      }
      return days.length === 2 && days[0] > days[1] ? words.order : undefined;
    }
    default:
      return undefined;
  }
}

function isDay(value: unknown): boolean {
  return typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value);
}

export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

/** What a failure says of single fields: `details.problems` of the answer to the command `settings`. */
export function problemsOf(details: Values | undefined): Readonly<Record<string, string>> {
  const problems = Object.entries(recordOf(details?.problems));
  return Object.fromEntries(problems.map(([id, text]) => [id, String(text)]));
}

function outside(min: number, max: number): string {
  const { range, outOfRange } = strings.settings;
  return Number.isFinite(min) && Number.isFinite(max) ? range({ min, max }) : outOfRange;
}
