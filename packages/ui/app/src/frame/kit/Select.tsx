import {
  type ComponentProps,
  createContext,
  type JSX,
  type ReactNode,
  useCallback,
  useContext,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { cn } from "./cn";
import { part } from "./part";
import { useOwn } from "./state";

interface Item {
  readonly value: string;
  readonly label: string;
  readonly isDisabled: boolean;
}

interface Selection {
  readonly items: ReadonlyMap<string, Item>;
  readonly value: string;
  readonly isDisabled: boolean;
  readonly name: string | undefined;
  readonly isRequired: boolean;
  readonly choose: (value: string) => void;
  readonly add: (item: Item) => () => void;
}

const SelectionContext = createContext<Selection | undefined>(undefined);

interface SelectProps {
  readonly value?: string;
  readonly defaultValue?: string;
  readonly onValueChange?: (value: string) => void;
  readonly disabled?: boolean;
  readonly required?: boolean;
  readonly name?: string;
  readonly children?: ReactNode;
}

/**
 * A choice out of a list. The browser's own list opens: it may be taller than the frame, and is what people of a phone
 * or a screen reader know.
 */
export function Select({
  value,
  defaultValue = "",
  onValueChange,
  disabled = false,
  required = false,
  name,
  children,
}: SelectProps): JSX.Element {
  const [chosen, choose] = useOwn(value, defaultValue, onValueChange);
  const [items, setItems] = useState<ReadonlyMap<string, Item>>(new Map());
  const add = useCallback((item: Item) => {
    setItems((known) => new Map(known).set(item.value, item));
    return () =>
      setItems((known) => {
        const left = new Map(known);
        left.delete(item.value);
        return left;
      });
  }, []);
  const selection = useMemo(
    () => ({ items, value: chosen, isDisabled: disabled, isRequired: required, name, choose, add }),
    [items, chosen, disabled, required, name, choose, add],
  );
  return <SelectionContext value={selection}>{children}</SelectionContext>;
}

export function SelectTrigger({ className, children, id, ...rest }: ComponentProps<"div">): JSX.Element {
  const selection = useContext(SelectionContext);
  const { "aria-label": label, "aria-labelledby": labelledBy, "aria-describedby": describedBy, ...others } = rest;
  return (
    <div {...others} className={cn("ui-input ui-select", className)}>
      {children}
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="m4.500 6.500 3.500 3.500 3.500-3.500" />
      </svg>
      <select
        id={id}
        name={selection?.name}
        value={selection?.value}
        disabled={selection?.isDisabled}
        required={selection?.isRequired}
        aria-label={label ?? (id === undefined && labelledBy === undefined ? "Choose" : undefined)}
        aria-labelledby={labelledBy}
        aria-describedby={describedBy}
        onChange={(event) => selection?.choose(event.target.value)}
      >
        {!selection?.items.has(selection.value) && <option value={selection?.value ?? ""} hidden />}
        {[...(selection?.items.values() ?? [])].map((item) => (
          <option key={item.value} value={item.value} disabled={item.isDisabled}>
            {item.label}
          </option>
        ))}
      </select>
    </div>
  );
}

export function SelectValue({ placeholder, className }: { placeholder?: ReactNode; className?: string }): JSX.Element {
  const selection = useContext(SelectionContext);
  const item = selection?.items.get(selection.value);
  return (
    <span aria-hidden="true" className={cn("ui-select-value", item === undefined && "ui-placeholder", className)}>
      {item === undefined ? placeholder : item.label}
    </span>
  );
}

/** Is not drawn itself: what it holds are the entries of the list. */
export function SelectContent({ children }: ComponentProps<"div">): JSX.Element {
  return <div hidden>{children}</div>;
}

interface SelectItemProps extends Omit<ComponentProps<"span">, "ref"> {
  readonly value: string;
  readonly disabled?: boolean;
}

export function SelectItem({ value, disabled = false, children }: SelectItemProps): JSX.Element {
  const add = useContext(SelectionContext)?.add;
  const place = useRef<HTMLSpanElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what it says may change with its children
  useLayoutEffect(
    () => add?.({ value, label: place.current?.textContent ?? value, isDisabled: disabled }),
    [add, value, disabled, children],
  );
  return <span ref={place}>{children}</span>;
}

export const SelectGroup = part("div", "ui-select-group");
export const SelectLabel = part("div", "ui-select-label");
export const SelectSeparator = part("div", "ui-separator");
