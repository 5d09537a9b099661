import type { Toast } from "./protocol.gen";

export interface ToastView {
  readonly id: string;
  readonly message: string;
  readonly type: "info" | "success" | "warning" | "error";
}

/** What passes by: shown until it is dismissed, kept nowhere. */
export class Toasts {
  #toasts: readonly ToastView[] = [];
  #count = 0;
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get toasts(): readonly ToastView[] {
    return this.#toasts;
  }

  show({ message, type = "info" }: Pick<Toast, "message" | "type">): void {
    this.#count += 1;
    this.#toasts = [...this.#toasts, { id: String(this.#count), message, type }];
    this.#changed();
  }

  dismiss(id: string): void {
    this.#toasts = this.#toasts.filter((toast) => toast.id !== id);
    this.#changed();
  }
}
