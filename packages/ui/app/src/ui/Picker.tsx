import {
  type JSX,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { Glyph } from "./Glyph";
import { Icon } from "./Icon";
import { place } from "./place";
import "./picker.css";

export interface Option {
  readonly id: string;
  readonly name: string;
  readonly description?: ReactNode;
  readonly icon?: string | null | undefined;
}

interface PickerProps {
  /** What is picked, for those who do not see what stands around it. */
  readonly label: string;
  readonly options: readonly Option[];
  readonly value: string | undefined;
  readonly onPick: (id: string) => void;
}

/** A chip that says what is picked, and opens to a list with what else there is. */
export function Picker({ label, options, value, onPick }: PickerProps): JSX.Element {
  const [isOpen, setIsOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const picked = options.find((option) => option.id === value);
  const close = () => {
    setIsOpen(false);
    button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className="chip"
        aria-haspopup="listbox"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        aria-label={`${label}: ${picked?.name ?? ""}`}
        title={label}
        onClick={() => setIsOpen(!isOpen)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
          event.preventDefault();
          setIsOpen(true);
        }}
      >
        <Icon name={picked?.icon} small />
        <span>{picked?.name ?? label}</span>
        <Glyph shape="chevron" small />
      </button>
      {isOpen && (
        <Choices
          id={id}
          label={label}
          options={options}
          value={value}
          anchor={button}
          onClose={close}
          onPick={(one) => {
            close();
            if (one !== value) onPick(one);
          }}
        />
      )}
    </>
  );
}

interface ChoicesProps extends PickerProps {
  readonly id: string;
  readonly anchor: React.RefObject<HTMLButtonElement | null>;
  /** Said below the options. */
  readonly note?: string | undefined;
  readonly onClose: () => void;
  /** The last of the options are near: there may be more. */
  readonly onEnd?: () => void;
}

/** How many options from the last one on are near, and how many pixels. */
const NEAR = 4;
const NEAR_PIXELS = 160;

/** A list to choose from, beside the button that opened it. */
export function Choices({
  id,
  label,
  options,
  value,
  anchor,
  note,
  onClose,
  onEnd,
  onPick,
}: ChoicesProps): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(() =>
    Math.max(
      0,
      options.findIndex((option) => option.id === value),
    ),
  );
  const typed = useRef({ text: "", when: 0 });

  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return;
    const put = () => anchor.current && place(element, anchor.current.getBoundingClientRect());
    put();
    element.focus();
    const sizes = new ResizeObserver(put); // a description may come late
    sizes.observe(element);
    addEventListener("resize", put);
    return () => {
      sizes.disconnect();
      removeEventListener("resize", put);
    };
  }, [anchor]);

  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const isNearEnd = at >= options.length - NEAR;
  // biome-ignore lint/correctness/useExhaustiveDependencies: more options may leave room for more
  useEffect(() => {
    if (onEnd && (isNearEnd || isScrolledToEnd(list.current))) onEnd();
  }, [onEnd, isNearEnd, options.length]);

  const onKeyDown = (event: KeyboardEvent) => {
    const last = options.length - 1;
    const moves: Record<string, number> = {
      ArrowDown: Math.min(last, at + 1),
      ArrowUp: Math.max(0, at - 1),
      Home: 0,
      End: last,
    };
    const next = moves[event.key];
    const option = options[at];
    if (next !== undefined) setAt(next);
    else if ((event.key === "Enter" || event.key === " ") && option) onPick(option.id);
    else if (event.key === "Escape" || event.key === "Tab") onClose();
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey)
      find(event.key, event.timeStamp);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const find = (key: string, when: number) => {
    const text = (when - typed.current.when < 700 ? typed.current.text : "") + key.toLowerCase();
    typed.current = { text, when };
    const found = options.findIndex((option) => option.name.toLowerCase().startsWith(text));
    if (found >= 0) setAt(found);
  };

  return (
    <div
      ref={list}
      id={id}
      className="choices"
      role="listbox"
      aria-label={label}
      aria-activedescendant={`${id}-${at}`}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onScroll={() => isScrolledToEnd(list.current) && onEnd?.()}
      onBlur={(event) => {
        if (event.relatedTarget !== anchor.current) onClose();
      }}
    >
      {options.map((option, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the focus and takes the keys
        <div
          key={option.id}
          id={`${id}-${index}`}
          className={index === at ? "choice is-at" : "choice"}
          role="option"
          tabIndex={-1}
          aria-selected={option.id === value}
          onPointerMove={() => setAt(index)}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onPick(option.id)}
        >
          <Icon name={option.icon} />
          <span className="choice-words">
            <span className="choice-name">{option.name}</span>
            {option.description && <span className="choice-more">{option.description}</span>}
          </span>
          {option.id === value && <Glyph shape="check" />}
        </div>
      ))}
      {note !== undefined && (
        <p className="choices-note" role="presentation">
          {note}
        </p>
      )}
    </div>
  );
}

function isScrolledToEnd(element: HTMLElement | null): boolean {
  return element !== null && element.scrollTop + element.clientHeight > element.scrollHeight - NEAR_PIXELS;
}
