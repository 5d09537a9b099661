interface RateOptions {
  readonly perSecond: number;
  /** What may come at once after a silence. */
  readonly burst: number;
}

/** How often something may happen. */
export class Rate {
  readonly #options: RateOptions;
  readonly #now: () => number;
  #left: number;
  #at: number;

  /** `now` is a clock in milliseconds. */
  constructor(options: RateOptions, now: () => number) {
    this.#options = options;
    this.#now = now;
    this.#left = options.burst;
    this.#at = now();
  }

  /** Whether it may happen once more now. */
  allows(): boolean {
    const { perSecond, burst } = this.#options;
    const now = this.#now();
    this.#left = Math.min(burst, this.#left + ((now - this.#at) / 1000) * perSecond);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
