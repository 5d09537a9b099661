import { type ComponentProps, createContext, type JSX, type KeyboardEvent, useContext, useId } from "react";
import { cn } from "./cn";
import { useOwn } from "./state";

const TabsContext = createContext({ id: "", value: "", choose: (_: string): void => {} });

interface TabsProps extends Omit<ComponentProps<"div">, "defaultValue" | "onChange"> {
  readonly value?: string;
  readonly defaultValue?: string;
  readonly onValueChange?: (value: string) => void;
}

export function Tabs({ value, defaultValue = "", onValueChange, className, ...rest }: TabsProps): JSX.Element {
  const id = useId();
  const [chosen, choose] = useOwn(value, defaultValue, onValueChange);
  return (
    <TabsContext value={{ id, value: chosen, choose }}>
      <div {...rest} className={cn("ui-tabs", className)} />
    </TabsContext>
  );
}

export function TabsList({ className, onKeyDown, ...rest }: ComponentProps<"div">): JSX.Element {
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    onKeyDown?.(event);
    const tabs = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="tab"]:not(:disabled)')];
    const at = tabs.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    const tab = tabs[(to + tabs.length) % tabs.length];
    tab?.focus();
    tab?.click();
  };
  return <div role="tablist" {...rest} onKeyDown={move} className={cn("ui-tabs-list", className)} />;
}

type TabProps = ComponentProps<"button"> & { readonly value: string };

export function TabsTrigger({ value, className, onClick, ...rest }: TabProps): JSX.Element {
  const tabs = useContext(TabsContext);
  const isChosen = tabs.value === value;
  return (
    <button
      type="button"
      role="tab"
      {...rest}
      id={`${tabs.id}-tab-${value}`}
      aria-selected={isChosen}
      aria-controls={isChosen ? `${tabs.id}-panel-${value}` : undefined}
      data-state={isChosen ? "active" : "inactive"}
      tabIndex={isChosen ? 0 : -1}
      onClick={(event) => {
        onClick?.(event);
        tabs.choose(value);
      }}
      className={cn("ui-tab", className)}
    />
  );
}

type PanelProps = ComponentProps<"div"> & { readonly value: string };

export function TabsContent({ value, className, ...rest }: PanelProps): JSX.Element | null {
  const tabs = useContext(TabsContext);
  if (tabs.value !== value) return null;
  return (
    <div
      role="tabpanel"
      {...rest}
      id={`${tabs.id}-panel-${value}`}
      aria-labelledby={`${tabs.id}-tab-${value}`}
      className={cn("ui-tabs-content", className)}
    />
  );
}
