import type { Facts, Props, ToastTone } from "../features/custom/messages";
import type { Port } from "./port";

/** What a component knows and can do: the module `convo`, and what stands ready without an import. */
export class ElementStore {
  readonly #port: Port;
  readonly #listeners = new Set<() => void>();
  #props: Record<string, unknown> = {};
  /** As the server has them; what the component changed shows at once and goes back when that fails. */
  #known: Props = {};
  #pending = 0;
  #facts: Facts = { id: "", name: "", place: "inline", isAsked: false };
  #isDark = false;
  #version = 0;

  constructor(port: Port) {
    this.#port = port;
  }

  /** Goes up with each change. */
  get version(): number {
    return this.#version;
  }

  get props(): Record<string, unknown> {
    return this.#props;
  }

  get facts(): Facts {
    return this.#facts;
  }

  get isDark(): boolean {
    return this.#isDark;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  take(props: Props): void {
    this.#known = props;
    if (this.#pending === 0) this.#show(props);
  }

  takeFacts(facts: Facts): void {
    this.#facts = facts;
    this.#tell();
  }

  takeDark(isDark: boolean): void {
    if (isDark === this.#isDark) return;
    this.#isDark = isDark;
    this.#tell();
  }

  // --- What a component can do; each as a function of its own, so that it may be handed on ---

  readonly updateElement = async (props: Props): Promise<void> => {
    this.#pending += 1;
    this.#show(props);
    try {
      await this.#port.ask({ do: "update", props });
    } catch (error) {
      this.#pending -= 1;
      if (this.#pending === 0) this.#show(this.#known);
      throw error;
    }
    this.#pending -= 1;
  };

  readonly deleteElement = async (): Promise<void> => {
    await this.#port.ask({ do: "remove" });
  };

  readonly callAction = (action: { readonly name: string; readonly payload?: Props }): Promise<unknown> =>
    this.#port.ask({ do: "act", name: action.name, payload: action.payload ?? {} });

  readonly sendUserMessage = async (text: string): Promise<void> => {
    await this.#port.ask({ do: "send", text });
  };

  readonly submit = async (props: Props = this.#props): Promise<void> => {
    await this.#port.ask({ do: "submit", props });
  };

  readonly cancel = async (): Promise<void> => {
    await this.#port.ask({ do: "cancel" });
  };

  toast(text: string, tone: ToastTone): void {
    this.#port.say({ kind: "toast", text, tone });
  }

  #show(props: Props): void {
    this.#props = { ...props };
    this.#tell();
  }

  #tell(): void {
    this.#version += 1;
    for (const listener of [...this.#listeners]) listener();
  }
}
