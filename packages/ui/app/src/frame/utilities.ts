import type { Compiled } from "../features/custom/messages";
import type { Port } from "./port";

/** The rules of the utility classes that a component uses: those in its source, and others as they come up. */
export class Utilities {
  readonly sheet = new CSSStyleSheet();
  readonly #port: Port;
  readonly #root: HTMLElement;
  #known = new Set<string>();
  #turn = 0;

  constructor(port: Port, root: HTMLElement) {
    this.#port = port;
    this.#root = root;
    new MutationObserver(() => void this.#complete()).observe(root, {
      subtree: true,
      childList: true,
      attributeFilter: ["class"],
    });
  }

  /** Those of a component's source, before it is drawn. */
  begin({ css, classes }: Compiled): void {
    this.#turn += 1;
    this.#known = new Set(classes);
    this.sheet.replaceSync(css);
  }

  async #complete(): Promise<void> {
    const turn = this.#turn;
    const unknown = [...this.#root.querySelectorAll("[class]")]
      .flatMap((element) => [...element.classList])
      .filter((name) => !this.#known.has(name) && !name.startsWith("ui-") && !name.startsWith("lucide"));
    if (unknown.length === 0) return;
    for (const name of unknown) this.#known.add(name);
    try {
      await this.#port.need("styles");
      const css = await this.#port.parts.styles?.generate([...this.#known]);
      if (css !== undefined && turn === this.#turn) this.sheet.replaceSync(css);
    } catch {
      // it looks plain until the connection is back
    }
  }
}
