import type { Display } from "./contract";
import type { Keep } from "./keep";
import type { Layout, Measures } from "./place";

const KEY = "layout";
const STEP = 24;
const LEAST = { width: 320, height: 360 };
/** On a narrower screen the chat has all of it. */
const PHONE = 560;

type Axis = "width" | "height";

interface Kept {
  readonly display?: Display;
  readonly width?: number;
  readonly height?: number;
  readonly sidebar?: number;
}

/** Where the chat stands and how large it is, as its reader has left it. */
export class Frame implements Layout {
  readonly #page: HTMLElement;
  readonly #panel: HTMLElement;
  readonly #keep: Keep;
  readonly #usual: Display;
  readonly #isLeft: boolean;
  readonly #listeners = new Set<() => void>();
  readonly #edges: readonly HTMLElement[];
  #kept: Kept;
  #isOpen = false;
  /** What the page around the widget had before room was made for a sidebar. */
  #margin: string | undefined;

  constructor(page: HTMLElement, panel: HTMLElement, keep: Keep, usual: Display, side: "left" | "right") {
    this.#page = page;
    this.#panel = panel;
    this.#keep = keep;
    this.#usual = usual;
    this.#isLeft = side === "left";
    this.#kept = read(keep.getItem(KEY));
    page.classList.toggle("is-left", this.#isLeft);
    this.#edges = (["width", "height"] as const).map((axis) => this.#edge(axis));
    panel.append(...this.#edges);
    addEventListener("resize", this.#onResize);
    this.#apply();
  }

  get display(): Display {
    return this.#kept.display ?? this.#usual;
  }

  show(display: Display): void {
    this.#change({ display });
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  setOpen(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#page.classList.toggle("is-open", isOpen);
    this.#apply();
  }

  /** What the edges are called. */
  name(words: Measures): void {
    for (const edge of this.#edges) edge.setAttribute("aria-label", words[axisOf(edge)]);
  }

  end(): void {
    removeEventListener("resize", this.#onResize);
    this.#isOpen = false;
    this.#makeRoom();
  }

  readonly #onResize = (): void => this.#apply();

  #change(change: Kept): void {
    this.#kept = { ...this.#kept, ...change };
    this.#keep.setItem(KEY, JSON.stringify(this.#kept));
    this.#apply();
    for (const listener of [...this.#listeners]) listener();
  }

  #apply(): void {
    const { width, height, sidebar } = this.#kept;
    this.#page.dataset.display = this.display;
    const set = (name: string, pixels: number | undefined): void => {
      if (pixels === undefined) this.#panel.style.removeProperty(name);
      else this.#panel.style.setProperty(name, `${pixels}px`);
    };
    set("--width", width);
    set("--height", height);
    set("--sidebar-width", sidebar);
    this.#makeRoom();
    const { width: wide, height: high, left, top } = this.#panel.getBoundingClientRect();
    for (const [name, value] of Object.entries({ wide, high, left, top })) set(`--at-${name}`, value);
    for (const edge of this.#edges) {
      const axis = axisOf(edge);
      edge.setAttribute("aria-valuenow", String(Math.round(axis === "width" ? wide : high)));
      edge.setAttribute("aria-valuemax", String(this.#most(axis)));
    }
  }

  /** The page stands beside a sidebar, not under it. */
  #makeRoom(): void {
    const side = this.#isLeft ? "margin-left" : "margin-right";
    const { style } = document.documentElement;
    const isBeside = this.#isOpen && this.display === "sidebar" && innerWidth > PHONE;
    if (isBeside) {
      this.#margin ??= style.getPropertyValue(side);
      style.setProperty(side, `${this.#panel.offsetWidth}px`, "important");
    } else if (this.#margin !== undefined) {
      style.removeProperty(side);
      if (this.#margin !== "") style.setProperty(side, this.#margin);
      if (style.length === 0) document.documentElement.removeAttribute("style");
      this.#margin = undefined;
    }
  }

  #edge(axis: Axis): HTMLElement {
    const edge = document.createElement("hr");
    edge.className = `edge is-${axis}`;
    edge.tabIndex = 0;
    edge.setAttribute("aria-orientation", axis === "width" ? "vertical" : "horizontal");
    edge.setAttribute("aria-valuemin", String(LEAST[axis]));
    let isDragged = false;
    edge.addEventListener("keydown", (event) => {
      const now = axis === "width" ? this.#panel.offsetWidth : this.#panel.offsetHeight;
      const more = axis === "height" ? "ArrowUp" : this.#isLeft ? "ArrowRight" : "ArrowLeft";
      const less = axis === "height" ? "ArrowDown" : this.#isLeft ? "ArrowLeft" : "ArrowRight";
      if (event.key === more) this.#resize(axis, now + STEP);
      else if (event.key === less) this.#resize(axis, now - STEP);
      else if (event.key === "Home") this.#resize(axis, undefined);
      else return;
      event.preventDefault();
    });
    edge.addEventListener("pointerdown", (event) => {
      isDragged = true;
      edge.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    edge.addEventListener("pointermove", (event) => {
      if (!isDragged) return;
      const { left, right, bottom } = this.#panel.getBoundingClientRect();
      if (axis === "height") this.#resize(axis, bottom - event.clientY);
      else this.#resize(axis, this.#isLeft ? event.clientX - left : right - event.clientX);
    });
    const stop = (): void => {
      isDragged = false;
    };
    edge.addEventListener("pointerup", stop);
    edge.addEventListener("pointercancel", stop);
    edge.addEventListener("dblclick", () => this.#resize(axis, undefined));
    return edge;
  }

  #resize(axis: Axis, pixels: number | undefined): void {
    const next = pixels && Math.round(Math.min(this.#most(axis), Math.max(LEAST[axis], pixels)));
    const name = axis === "width" && this.display === "sidebar" ? "sidebar" : axis;
    const { [name]: _, ...rest } = this.#kept;
    this.#kept = rest;
    this.#change(next === undefined ? {} : { [name]: next });
  }

  #most(axis: Axis): number {
    return axis === "width" ? Math.max(LEAST.width, innerWidth - 40) : Math.max(LEAST.height, innerHeight - 108);
  }
}

function axisOf(edge: HTMLElement): Axis {
  return edge.classList.contains("is-width") ? "width" : "height";
}

function read(text: string | null): Kept {
  try {
    const { display, width, height, sidebar } = JSON.parse(text ?? "{}") as Record<string, unknown>;
    return {
      ...((display === "floating" || display === "expanded" || display === "sidebar") && { display }),
      ...(isSize(width) && { width }),
      ...(isSize(height) && { height }),
      ...(isSize(sidebar) && { sidebar }),
    };
  } catch {
    return {};
  }
}

function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 100 && value < 10_000;
}
