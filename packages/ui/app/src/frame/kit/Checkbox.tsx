import type { ComponentProps, JSX } from "react";
import { cn } from "./cn";
import { useOwn } from "./state";

type ButtonProps = Omit<ComponentProps<"button">, "onChange" | "value" | "checked" | "defaultChecked">;

interface CheckboxProps extends ButtonProps {
  readonly checked?: boolean | "indeterminate";
  readonly defaultChecked?: boolean;
  readonly onCheckedChange?: (checked: boolean) => void;
  readonly required?: boolean;
  readonly value?: string;
}

export function Checkbox({ className, ...rest }: CheckboxProps): JSX.Element {
  return (
    <Toggle {...rest} role="checkbox" className={cn("ui-checkbox", className)}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path className="ui-check" d="m3.5 8.500 3 3 6-7" />
        <path className="ui-dash" d="M4 8h8" />
      </svg>
    </Toggle>
  );
}

export function Switch({ className, ...rest }: CheckboxProps): JSX.Element {
  return (
    <Toggle {...rest} role="switch" className={cn("ui-switch", className)}>
      <span />
    </Toggle>
  );
}

function Toggle({
  checked,
  defaultChecked = false,
  onCheckedChange,
  required,
  value = "on",
  name,
  onClick,
  ...rest
}: CheckboxProps & { readonly role: "checkbox" | "switch" }): JSX.Element {
  const [isOn, setIsOn] = useOwn<boolean | "indeterminate">(checked, defaultChecked, (is) =>
    onCheckedChange?.(is === true),
  );
  return (
    <>
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: it comes with a role */}
      <button
        type="button"
        {...rest}
        aria-checked={isOn === "indeterminate" ? "mixed" : isOn}
        aria-required={required}
        data-state={isOn === "indeterminate" ? isOn : isOn ? "checked" : "unchecked"}
        onClick={(event) => {
          onClick?.(event);
          if (!event.defaultPrevented) setIsOn(isOn !== true);
        }}
      />
      {name !== undefined && isOn === true && <input type="hidden" name={name} value={value} />}
    </>
  );
}
