/** Who wants to know of which topic; telling one topic costs its own listeners and nobody else. */
export class Listeners<T extends string> {
  readonly #byTopic = new Map<T, Set<() => void>>();

  add(topic: T, listener: () => void): () => void {
    const listeners = this.#byTopic.get(topic) ?? new Set();
    listeners.add(listener);
    this.#byTopic.set(topic, listeners);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#byTopic.get(topic) === listeners) this.#byTopic.delete(topic);
    };
  }

  has(topic: T): boolean {
    return this.#byTopic.has(topic);
  }

  tell(topic: T): void {
    for (const listener of [...(this.#byTopic.get(topic) ?? [])]) listener();
  }
}
