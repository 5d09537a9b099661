import type { ConvoClient, Failure } from "@convo/client";
import { config } from "../../config";
import compiler from "../../frame/compiler.ts?worker&url";
import forms from "../../frame/forms.ts?worker&url";
import runtime from "../../frame/runtime.tsx?worker&url";
import styles from "../../frame/styles.ts?worker&url";
import zod from "../../frame/zod.ts?worker&url";
import { strings } from "../../strings";
import type { Compiled, Component, Part } from "./messages";

/** A component's source, or why there is none. */
export type Found = { readonly component: Component } | { readonly failure: Failure };

const CODE: Readonly<Record<Part | "runtime", string>> = { runtime, compiler, styles, forms, zod };

/**
 * What frames run: code of ours and components of the author's. The page fetches it, since browsers keep no cache for
 * frames of no origin: fifty of them would load everything fifty times.
 */
export class Sources {
  readonly #found = new Map<string, Promise<Found>>();
  readonly #code = new Map<string, Promise<string>>();
  /** In memory alone: what an earlier visit left could not be trusted. */
  readonly #compiled = new Map<string, Compiled>();
  readonly #listeners = new Set<() => void>();
  #revision: string | undefined;

  constructor(client: ConvoClient) {
    const revisionOf = () => client.notices.find(({ type }) => type === "elements-changed")?.detail;
    this.#revision = revisionOf();
    client.subscribe("notices", () => {
      const revision = revisionOf();
      if (revision === this.#revision) return;
      this.#revision = revision;
      this.forget();
    });
  }

  /** Read them anew. */
  forget(): void {
    this.#found.clear();
    for (const listener of [...this.#listeners]) listener();
  }

  /** Calls `listener` when components may have changed. Returns how to end that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  find(name: string): Promise<Found> {
    const known = this.#found.get(name);
    if (known !== undefined) return known;
    const found = fetchComponent(name);
    this.#found.set(name, found);
    void found.then((is) => {
      if ("failure" in is && this.#found.get(name) === found) this.#found.delete(name); // the next one asks again
    });
    return found;
  }

  compiled(hash: string): Compiled | undefined {
    return this.#compiled.get(hash);
  }

  keepCompiled(compiled: Compiled): void {
    if (!this.#compiled.has(compiled.hash)) this.#compiled.set(compiled.hash, compiled);
  }

  /** Code of ours. Rejects when it cannot be had. */
  code(part: Part | "runtime"): Promise<string> {
    const known = this.#code.get(part);
    if (known !== undefined) return known;
    const code = fetchText(CODE[part]);
    this.#code.set(part, code);
    void code.catch(() => this.#code.delete(part));
    return code;
  }
}

const all = new WeakMap<ConvoClient, Sources>();

/** The sources of a client's tab. */
export function sourcesOf(client: ConvoClient): Sources {
  const sources = all.get(client) ?? new Sources(client);
  all.set(client, sources);
  return sources;
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`${response.status}`);
  return response.text();
}

async function fetchComponent(name: string): Promise<Found> {
  try {
    const response = await fetch(`${config.root}/elements/${encodeURIComponent(name)}`, { credentials: "same-origin" });
    const body = (await response.json()) as Partial<Component & Failure>;
    if (!response.ok) {
      return { failure: { code: body.code ?? "unavailable", text: body.text ?? strings.custom.unreachable } };
    }
    const { file, hash, source } = body;
    if (typeof file !== "string" || typeof hash !== "string" || typeof source !== "string") throw new TypeError();
    return { component: { name, file, hash, source } };
  } catch {
    return { failure: { code: "unavailable", text: strings.custom.unreachable } };
  }
}
