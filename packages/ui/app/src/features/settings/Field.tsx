import { type JSX, type ReactNode, useId, useState } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import type { Widget } from "./form";

interface FieldProps {
  readonly widget: Widget;
  readonly value: unknown;
  readonly problem: string | undefined;
  readonly onChange: (value: unknown) => void;
}

/** What the input of a field needs to know. */
interface InputProps extends FieldProps {
  readonly id: string;
  /** The ids of what explains it. */
  readonly describedBy: string | undefined;
}

/** One field of the form: its label, its input, what explains it and what is wrong with it. */
export function Field(props: FieldProps): JSX.Element {
  const { widget, problem } = props;
  const id = useId();
  const notes = [widget.description && `${id}-more`, problem && `${id}-problem`].filter(Boolean).join(" ");
  const Input = INPUTS[widget.type] ?? TextField;
  const isGroup = GROUPS.has(widget.type) || (widget.type === "datepicker" && widget.mode === "range");
  const isBeside = widget.type === "switch" || widget.type === "checkbox";
  const input = <Input {...props} id={id} describedBy={notes || undefined} />;
  const label: ReactNode = (
    <>
      {widget.label}
      {widget.tooltip && (
        <span className="field-tip" title={widget.tooltip}>
          <Glyph shape="info" small />
          <span className="unseen">{widget.tooltip}</span>
        </span>
      )}
    </>
  );
  const more = (
    <>
      {widget.description && (
        <p id={`${id}-more`} className="field-more">
          {widget.description}
        </p>
      )}
      {problem && (
        <p id={`${id}-problem`} className="field-problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
  if (isGroup) {
    return (
      <fieldset className="field" aria-describedby={notes || undefined} data-field={widget.id}>
        <legend>{label}</legend>
        {input}
        {more}
      </fieldset>
    );
  }
  return (
    <div className={isBeside ? "field is-beside" : "field"} data-field={widget.id}>
      <label htmlFor={id}>{label}</label>
      {input}
      {more}
    </div>
  );
}

const GROUPS = new Set(["radio", "multiselect"]);

function SwitchField({ id, widget, value, describedBy, onChange }: InputProps): JSX.Element {
  return (
    <input
      id={id}
      type="checkbox"
      {...(widget.type === "switch" && { role: "switch" })}
      className={widget.type === "switch" ? "switch" : "tick"}
      checked={value === true}
      disabled={widget.disabled}
      aria-describedby={describedBy}
      onChange={(event) => onChange(event.target.checked)}
    />
  );
}

function SliderField({ id, widget, value, problem, describedBy, onChange }: InputProps): JSX.Element {
  const number = typeof value === "number" ? value : (widget.min ?? 0);
  return (
    <div className="slider">
      <input
        id={id}
        type="range"
        min={widget.min}
        max={widget.max}
        step={widget.step}
        value={number}
        disabled={widget.disabled}
        aria-invalid={problem !== undefined}
        aria-describedby={describedBy}
        onChange={(event) => onChange(event.target.valueAsNumber)}
      />
      <NumberBox
        {...{ widget, value, problem, onChange }}
        label={strings.settings.exactly({ label: widget.label })}
        id={`${id}-exact`}
        describedBy={undefined}
      />
    </div>
  );
}

function NumberField(props: InputProps): JSX.Element {
  return <NumberBox {...props} />;
}

/** A number as it is being written: `-` and `1.` on the way to `-1` and `1.5`. */
function NumberBox({
  id,
  widget,
  value,
  problem,
  describedBy,
  onChange,
  label,
}: InputProps & { label?: string }): JSX.Element {
  const [text, setText] = useState<string>();
  const shown = typeof value === "number" && Number.isFinite(value) ? String(value) : "";
  const isWritten = text !== undefined && Object.is(numberOf(text), value); // and not reset meanwhile
  return (
    <input
      id={id}
      className="input"
      inputMode="decimal"
      value={isWritten ? text : shown}
      placeholder={widget.placeholder}
      disabled={widget.disabled}
      aria-label={label}
      aria-invalid={problem !== undefined}
      aria-describedby={describedBy}
      onChange={(event) => {
        const written = event.target.value;
        setText(written);
        onChange(numberOf(written));
      }}
      onBlur={() => problem === undefined && setText(undefined)}
    />
  );
}

function numberOf(written: string): number | null {
  const clean = written.trim().replace(",", ".");
  return clean === "" ? null : Number(clean);
}

function SelectField({ id, widget, value, problem, describedBy, onChange }: InputProps): JSX.Element {
  return (
    <select
      id={id}
      className="input"
      value={typeof value === "string" ? value : ""}
      disabled={widget.disabled}
      aria-invalid={problem !== undefined}
      aria-describedby={describedBy}
      onChange={(event) => onChange(event.target.value === "" ? null : event.target.value)}
    >
      {(widget.initial === undefined || typeof value !== "string") && <option value="">{strings.settings.none}</option>}
      {widget.items?.map((item) => (
        <option key={item.value} value={item.value}>
          {item.label}
        </option>
      ))}
    </select>
  );
}

function RadioField({ id, widget, value, onChange }: InputProps): JSX.Element {
  return (
    <div className="options">
      {widget.items?.map((item) => (
        <label key={item.value}>
          <input
            type="radio"
            className="tick is-round"
            name={id}
            value={item.value}
            checked={value === item.value}
            disabled={widget.disabled}
            onChange={() => onChange(item.value)}
          />
          {item.label}
        </label>
      ))}
    </div>
  );
}

function MultiSelectField({ widget, value, onChange }: InputProps): JSX.Element {
  const chosen = textsOf(value);
  const items = widget.items ?? [];
  return (
    <div className="options">
      {items.map((item) => (
        <label key={item.value}>
          <input
            type="checkbox"
            className="tick"
            checked={chosen.includes(item.value)}
            disabled={widget.disabled}
            onChange={(event) =>
              onChange(
                items
                  .map((one) => one.value)
                  .filter((one) => (one === item.value ? event.target.checked : chosen.includes(one))),
              )
            }
          />
          {item.label}
        </label>
      ))}
    </div>
  );
}

function TextField({ id, widget, value, problem, describedBy, onChange }: InputProps): JSX.Element {
  const Tag = widget.multiline ? "textarea" : "input";
  return (
    <Tag
      id={id}
      className="input"
      value={typeof value === "string" ? value : ""}
      placeholder={widget.placeholder}
      disabled={widget.disabled}
      aria-invalid={problem !== undefined}
      aria-describedby={describedBy}
      {...(widget.multiline && { rows: 4 })}
      onChange={(event) =>
        onChange(event.target.value === "" && widget.initial === undefined ? null : event.target.value)
      }
    />
  );
}

function TagsField({ id, widget, value, describedBy, onChange }: InputProps): JSX.Element {
  const [text, setText] = useState("");
  const tags = textsOf(value);
  const add = (written: string) => {
    const words = written.split(",").map((word) => word.trim());
    const fresh = [...new Set(words)].filter((word) => word !== "" && !tags.includes(word));
    if (fresh.length > 0) onChange([...tags, ...fresh]);
    setText("");
  };
  return (
    <div className="tags">
      {tags.map((tag) => (
        <span key={tag} className="tag">
          {tag}
          {!widget.disabled && (
            <button
              type="button"
              aria-label={strings.settings.removeTag({ tag })}
              onClick={() => onChange(tags.filter((other) => other !== tag))}
            >
              <Glyph shape="cross" small />
            </button>
          )}
        </span>
      ))}
      <input
        id={id}
        className="tags-input"
        value={text}
        list={`${id}-list`}
        placeholder={tags.length === 0 ? strings.settings.addTag : undefined}
        disabled={widget.disabled}
        aria-describedby={describedBy}
        onChange={(event) => {
          const written = event.target.value;
          // A suggestion that was clicked, or a comma, ends a tag.
          if (written.endsWith(",") || widget.values?.includes(written)) add(written);
          else setText(written);
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Enter") {
            event.preventDefault();
            add(text);
          }
          if (event.key === "Backspace" && text === "" && tags.length > 0) onChange(tags.slice(0, -1));
        }}
        onBlur={() => add(text)}
      />
      <datalist id={`${id}-list`}>
        {widget.values
          ?.filter((word) => !tags.includes(word))
          .map((word) => (
            <option key={word} value={word} />
          ))}
      </datalist>
    </div>
  );
}

function DateField({ id, widget, value, problem, describedBy, onChange }: InputProps): JSX.Element {
  const day = (at: 0 | 1 | undefined, label?: string) => {
    const shown = at === undefined ? value : textsOf(value)[at];
    return (
      <input
        id={at === 1 ? `${id}-last` : id}
        className="input"
        type="date"
        min={widget.minDate}
        max={widget.maxDate}
        value={typeof shown === "string" ? shown : ""}
        disabled={widget.disabled}
        aria-label={label}
        aria-invalid={problem !== undefined}
        aria-describedby={describedBy}
        onChange={(event) => {
          const written = event.target.value;
          if (at === undefined) {
            onChange(written === "" ? null : written);
            return;
          }
          const days = [textsOf(value)[0] ?? "", textsOf(value)[1] ?? ""];
          days[at] = written;
          onChange(days.every((one) => one === "") ? null : days);
        }}
      />
    );
  };
  if (widget.mode !== "range") return day(undefined);
  return (
    <div className="days">
      {day(0, strings.settings.firstDay)}
      <span aria-hidden="true">–</span>
      {day(1, strings.settings.lastDay)}
    </div>
  );
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

const INPUTS: Readonly<Record<string, (props: InputProps) => JSX.Element>> = {
  switch: SwitchField,
  checkbox: SwitchField,
  slider: SliderField,
  select: SelectField,
  radio: RadioField,
  multiselect: MultiSelectField,
  textinput: TextField,
  numberinput: NumberField,
  tags: TagsField,
  datepicker: DateField,
};
