import { type ComponentProps, createContext, type JSX, useContext } from "react";
import { cn } from "./cn";
import { useOwn } from "./state";

const AccordionContext = createContext({ open: [] as readonly string[], toggle: (_: string): void => {} });
const ItemContext = createContext("");

type AccordionProps = Omit<ComponentProps<"div">, "defaultValue" | "onChange"> & {
  readonly collapsible?: boolean;
} & (
    | {
        readonly type?: "single";
        readonly value?: string;
        readonly defaultValue?: string;
        readonly onValueChange?: (value: string) => void;
      }
    | {
        readonly type: "multiple";
        readonly value?: string[];
        readonly defaultValue?: string[];
        readonly onValueChange?: (value: string[]) => void;
      }
  );

export function Accordion({
  type = "single",
  collapsible = true,
  value,
  defaultValue,
  onValueChange,
  className,
  ...rest
}: AccordionProps): JSX.Element {
  const [open, setOpen] = useOwn<readonly string[]>(list(value), list(defaultValue) ?? [], (now) => {
    if (type === "multiple") (onValueChange as ((value: string[]) => void) | undefined)?.([...now]);
    else (onValueChange as ((value: string) => void) | undefined)?.(now[0] ?? "");
  });
  const toggle = (item: string): void => {
    const isOpen = open.includes(item);
    if (type === "multiple") setOpen(isOpen ? open.filter((one) => one !== item) : [...open, item]);
    else if (!isOpen) setOpen([item]);
    else if (collapsible) setOpen([]);
  };
  return (
    <AccordionContext value={{ open, toggle }}>
      <div {...rest} className={cn("ui-accordion", className)} />
    </AccordionContext>
  );
}

export function AccordionItem({
  value,
  className,
  ...rest
}: ComponentProps<"div"> & { readonly value: string }): JSX.Element {
  return (
    <ItemContext value={value}>
      <div {...rest} className={cn("ui-accordion-item", className)} />
    </ItemContext>
  );
}

export function AccordionTrigger({ className, children, onClick, ...rest }: ComponentProps<"button">): JSX.Element {
  const { open, toggle } = useContext(AccordionContext);
  const item = useContext(ItemContext);
  const isOpen = open.includes(item);
  return (
    <h3 className="ui-accordion-head">
      <button
        type="button"
        {...rest}
        aria-expanded={isOpen}
        data-state={isOpen ? "open" : "closed"}
        onClick={(event) => {
          onClick?.(event);
          toggle(item);
        }}
        className={cn("ui-accordion-trigger", className)}
      >
        {children}
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="m4.500 6.500 3.500 3.500 3.500-3.500" />
        </svg>
      </button>
    </h3>
  );
}

export function AccordionContent({ className, ...rest }: ComponentProps<"div">): JSX.Element | null {
  const { open } = useContext(AccordionContext);
  if (!open.includes(useContext(ItemContext))) return null;
  return <div {...rest} className={cn("ui-accordion-content", className)} />;
}

function list(value: string | readonly string[] | undefined): readonly string[] | undefined {
  if (value === undefined) return undefined;
  return typeof value === "string" ? [value].filter((one) => one !== "") : value;
}
