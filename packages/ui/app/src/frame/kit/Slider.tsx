import type { ComponentProps, CSSProperties, JSX } from "react";
import { cn } from "./cn";
import { useOwn } from "./state";

interface SliderProps extends Omit<ComponentProps<"div">, "defaultValue" | "onChange"> {
  readonly value?: readonly number[];
  readonly defaultValue?: readonly number[];
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  readonly disabled?: boolean;
  readonly name?: string;
  readonly onValueChange?: (value: number[]) => void;
  readonly onValueCommit?: (value: number[]) => void;
}

/** One thumb for each number; they do not pass each other. */
export function Slider({
  value,
  defaultValue,
  min = 0,
  max = 100,
  step = 1,
  disabled,
  name,
  onValueChange,
  onValueCommit,
  className,
  "aria-label": label,
  "aria-labelledby": labelledBy,
  ...rest
}: SliderProps): JSX.Element {
  const [numbers, setNumbers] = useOwn<readonly number[]>(value, defaultValue ?? [min], (now) =>
    onValueChange?.([...now]),
  );
  const share = (number: number): string => `${((number - min) / (max - min || 1)) * 100}%`;
  const from = numbers.length > 1 ? share(Math.min(...numbers)) : "0%";
  const style = { "--from": from, "--to": share(Math.max(...numbers)) } as CSSProperties;
  return (
    <div {...rest} className={cn("ui-slider", className)} style={{ ...style, ...rest.style }}>
      {numbers.map((number, at) => (
        <input
          // biome-ignore lint/suspicious/noArrayIndexKey: thumbs keep their places
          key={at}
          type="range"
          name={name}
          min={min}
          max={max}
          step={step}
          value={number}
          disabled={disabled}
          aria-label={label}
          aria-labelledby={labelledBy}
          onChange={(event) => {
            const low = numbers[at - 1] ?? min;
            const high = numbers[at + 1] ?? max;
            const next = Math.min(high, Math.max(low, event.target.valueAsNumber));
            setNumbers(numbers.map((one, index) => (index === at ? next : one)));
          }}
          onPointerUp={() => onValueCommit?.([...numbers])}
          onKeyUp={() => onValueCommit?.([...numbers])}
        />
      ))}
    </div>
  );
}
