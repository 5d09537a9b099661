import { type ComponentProps, createContext, type JSX, useContext, useId } from "react";
import { cn } from "./cn";
import { useOwn } from "./state";

interface Choice {
  readonly name: string;
  readonly value: string | undefined;
  readonly isDisabled: boolean;
  readonly choose: (value: string) => void;
}

const ChoiceContext = createContext<Choice | undefined>(undefined);

interface RadioGroupProps extends Omit<ComponentProps<"div">, "defaultValue" | "onChange"> {
  readonly value?: string;
  readonly defaultValue?: string;
  readonly name?: string;
  readonly disabled?: boolean;
  readonly onValueChange?: (value: string) => void;
}

export function RadioGroup({
  value,
  defaultValue = "",
  name,
  disabled = false,
  onValueChange,
  className,
  ...rest
}: RadioGroupProps): JSX.Element {
  const id = useId();
  const [chosen, choose] = useOwn(value, defaultValue, onValueChange);
  return (
    <ChoiceContext value={{ name: name ?? id, value: chosen, isDisabled: disabled, choose }}>
      <div role="radiogroup" {...rest} className={cn("ui-radio-group", className)} />
    </ChoiceContext>
  );
}

export function RadioGroupItem({
  value,
  className,
  disabled,
  ...rest
}: Omit<ComponentProps<"input">, "value"> & { readonly value: string }): JSX.Element {
  const choice = useContext(ChoiceContext);
  return (
    <input
      {...rest}
      type="radio"
      name={choice?.name}
      value={value}
      checked={choice?.value === value}
      disabled={disabled || choice?.isDisabled}
      onChange={() => choice?.choose(value)}
      className={cn("ui-radio", className)}
    />
  );
}
