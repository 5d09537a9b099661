import { RequestError } from "@convo/client";
import { useClient, useField } from "@convo/react";
import { type JSX, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { said } from "../../said";
import { strings } from "../../strings";
import { Dialog } from "../../ui/Dialog";
import { Field } from "./Field";
import { formOf, isSame, problemOf, problemsOf, type Values, type Widget } from "./form";
import "./settings.css";
import { surface } from "../../ui/surface";

const EDIT_MS = 250;

/** The chat's settings as a form. What is changed counts when it is confirmed; the app hears of it meanwhile. */
export function SettingsDialog({ onClose }: { onClose: () => void }): JSX.Element | null {
  const client = useClient();
  const form = formOf(useField("settings"));
  const [touched, setTouched] = useState<Values>({});
  const [refused, setRefused] = useState<Readonly<Record<string, string>>>({});
  const [failure, setFailure] = useState("");
  const [isSending, setIsSending] = useState(false);
  const [shown, setShown] = useState<string>();
  const edited = useRef<ReturnType<typeof setTimeout>>(undefined);
  const isHeard = useRef(false);
  const formId = useId();
  useEffect(() => () => clearTimeout(edited.current), []);
  if (!form) return null;

  const widgets = form.tabs.flatMap((tab) => tab.widgets);
  const current = (widget: Widget) =>
    (Object.hasOwn(touched, widget.id) ? touched[widget.id] : form.values[widget.id]) ?? null;
  const problems = Object.fromEntries(
    widgets.map((widget) => [widget.id, refused[widget.id] ?? problemOf(widget, current(widget))]),
  );
  const tab = form.tabs.find((one) => one.id === shown) ?? form.tabs[0];
  const hasChanged = widgets.some((widget) => !isSame(current(widget), form.values[widget.id]));
  const isInitial = widgets.every((widget) => isSame(current(widget), widget.initial));

  const change = (next: Values) => {
    setTouched(next);
    setFailure("");
    setRefused((before) => Object.fromEntries(Object.entries(before).filter(([id]) => isSame(next[id], touched[id]))));
    clearTimeout(edited.current);
    edited.current = setTimeout(() => {
      isHeard.current = true;
      void send(next, true);
    }, EDIT_MS);
  };

  /** What the app heard of meanwhile does not hold: it hears of what does. */
  const cancel = () => {
    const before = Object.fromEntries(Object.keys(touched).map((id) => [id, form.values[id] ?? null]));
    if (isHeard.current) void send(before, true);
    onClose();
  };

  const send = async (values: Values, live: boolean) => {
    const changed = widgets.filter((widget) => Object.hasOwn(values, widget.id) && !widget.disabled);
    const known = changed.filter((widget) => problemOf(widget, values[widget.id] ?? null) === undefined);
    // What is still being written holds back a confirmation, but not what else the app hears of.
    if (live ? known.length === 0 : known.length < changed.length) return false;
    const sent = Object.fromEntries(known.map((widget) => [widget.id, values[widget.id]]));
    try {
      await client.request({ kind: "settings", values: sent, live });
      return true;
    } catch (error) {
      const failure: Parameters<typeof said>[0] =
        error instanceof RequestError ? error.failure : { text: String(error) };
      const found = problemsOf(failure.details ?? undefined);
      setRefused((before) => ({ ...before, ...found }));
      if (!live && Object.keys(found).length === 0) setFailure(said(failure));
      return false;
    }
  };

  const confirm = async () => {
    const wrong = form.tabs.find((one) => one.widgets.some((widget) => problems[widget.id] !== undefined));
    if (wrong) {
      setShown(wrong.id);
      requestAnimationFrame(() =>
        surface.root
          .getElementById(`${formId}-panel-${wrong.id}`)
          ?.querySelector<HTMLElement>("[aria-invalid=true]")
          ?.focus(),
      );
      return;
    }
    clearTimeout(edited.current);
    setIsSending(true);
    const isDone = await send(Object.fromEntries(widgets.map((widget) => [widget.id, current(widget)])), false);
    setIsSending(false);
    if (isDone) onClose();
  };

  const reset = () =>
    change(
      Object.fromEntries(
        widgets.filter((widget) => !widget.disabled).map((widget) => [widget.id, widget.initial ?? null]),
      ),
    );

  const onTabKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const next =
      form.tabs[(form.tabs.findIndex((one) => one.id === tab?.id) + step + form.tabs.length) % form.tabs.length];
    if (step === 0 || !next) return;
    event.preventDefault();
    setShown(next.id);
    surface.root.getElementById(`${formId}-tab-${next.id}`)?.focus();
  };

  const isTabbed = form.tabs.length > 1 || tab?.label !== "";
  return (
    <Dialog
      title={strings.settings.title}
      place="side"
      onClose={cancel}
      footer={
        <>
          <button type="button" className="button push" disabled={isInitial} onClick={reset}>
            {strings.settings.reset}
          </button>
          <button type="button" className="button" onClick={cancel}>
            {strings.settings.cancel}
          </button>
          <button type="submit" form={formId} className="button main" disabled={isSending || !hasChanged}>
            {strings.settings.confirm}
          </button>
        </>
      }
    >
      {isTabbed && (
        <div className="tabs" role="tablist" aria-label={strings.settings.title} onKeyDown={onTabKey}>
          {form.tabs.map((one) => (
            <button
              key={one.id}
              id={`${formId}-tab-${one.id}`}
              type="button"
              role="tab"
              aria-selected={one === tab}
              aria-controls={`${formId}-panel-${one.id}`}
              tabIndex={one === tab ? 0 : -1}
              onClick={() => setShown(one.id)}
            >
              {one.label}
              {one.widgets.some((widget) => problems[widget.id] !== undefined) && (
                <i className="tab-problem" title={strings.settings.wrong} />
              )}
            </button>
          ))}
        </div>
      )}
      <form
        id={formId}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void confirm();
        }}
      >
        {/* All of them: what is half written must be there again when its tab is. */}
        {form.tabs.map((one) => (
          <div
            key={one.id}
            id={`${formId}-panel-${one.id}`}
            className="settings"
            hidden={one !== tab}
            {...(isTabbed && { role: "tabpanel", "aria-labelledby": `${formId}-tab-${one.id}` })}
          >
            {one.widgets.map((widget) => (
              <Field
                key={widget.id}
                widget={widget}
                value={current(widget)}
                problem={problems[widget.id]}
                onChange={(value) => change({ ...touched, [widget.id]: value })}
              />
            ))}
          </div>
        ))}
        {failure !== "" && (
          <p className="field-problem" role="alert">
            {failure}
          </p>
        )}
      </form>
    </Dialog>
  );
}
