import { type ConvoClient, RequestError } from "@convo/client";
import { type FileInfo, useClient, useConnection } from "@convo/react";
import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { said } from "../../said";
import { strings } from "../../strings";
import { readFiles, saveFiles } from "./kept";
import { type Limits, problemOf } from "./limits";

/** A file on its way to the server. */
export interface Upload {
  readonly key: number;
  readonly name: string;
  /** Nothing for what cannot be sent at all, as a folder, and for what was sent before the page was loaded anew. */
  readonly file: File | undefined;
  /** An address of an image that can be shown at once. */
  readonly preview: string | undefined;
  readonly status: "sending" | "done" | "failed";
  /** The part that has left, from 0 to 1. */
  readonly share: number;
  readonly info?: FileInfo;
  readonly problem?: string;
  /** Trying again may help. */
  readonly canRetry?: boolean;
}

/** Files chosen for a message or an answer, sent as soon as they are chosen. */
export class Uploads {
  items: readonly Upload[] = [];
  limits: Limits = { accept: [], maxFiles: 0, maxBytes: 0 };
  readonly #client: ConvoClient;
  readonly #askId: string | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #controllers = new Map<number, AbortController>();
  #count = 0;
  #thread: string | undefined;

  constructor(client: ConvoClient, askId?: string) {
    this.#client = client;
    this.#askId = askId;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  /** Shows what was chosen for this thread. What was chosen for the one before waits there. */
  turnTo(thread: string): void {
    if (thread === this.#thread) return;
    const isFirst = this.#thread === undefined;
    this.#thread = undefined;
    if (!isFirst) {
      for (const controller of this.#controllers.values()) controller.abort();
      this.#set([]);
    }
    const chosen = this.items;
    for (const info of readFiles(thread)) {
      const key = this.#put({ name: info.name, file: undefined, preview: undefined });
      this.#change(key, { status: "done", share: 1, info });
    }
    this.#thread = thread;
    if (chosen.length > 0) this.#set(this.items); // they came before their thread was known
  }

  /** What the server has. */
  get done(): readonly FileInfo[] {
    return this.items.flatMap(({ info }) => (info === undefined ? [] : [info]));
  }

  get isSending(): boolean {
    return this.items.some(({ status }) => status === "sending");
  }

  /** One that could not be sent and may be yet: a message would go without it. */
  get missing(): Upload | undefined {
    return this.items.find(({ status, canRetry }) => status === "failed" && canRetry === true);
  }

  add(files: readonly File[]): void {
    const { maxFiles } = this.limits;
    const surplus: File[] = [];
    for (const file of files) {
      const problem = problemOf(file, this.limits);
      if (problem !== undefined) this.refuse(file.name, problem);
      else if (this.items.filter(isCounted).length >= maxFiles) surplus.push(file);
      else {
        const preview = file.type.startsWith("image/") ? URL.createObjectURL(file) : undefined;
        void this.#send(this.#put({ name: file.name, file, preview }), file);
      }
    }
    const [first] = surplus;
    if (first && surplus.length === 1)
      this.refuse(first.name, strings.upload.tooMany({ name: first.name, limit: maxFiles }));
    else if (first)
      this.refuse(strings.upload.more({ count: surplus.length }), strings.upload.most({ limit: maxFiles }));
  }

  /** Says why something cannot be sent, where it would stand. */
  refuse(name: string, problem: string): void {
    this.#put({ name, file: undefined, preview: undefined, problem });
  }

  retry(key: number): void {
    const upload = this.items.find((item) => item.key === key);
    if (upload?.status === "failed" && upload.file) void this.#send(key, upload.file);
  }

  /** The server can be reached again. */
  resume(): void {
    for (const { key, canRetry } of this.items) if (canRetry) this.retry(key);
  }

  /** Cancel one, or take it back. */
  remove(key: number): void {
    const upload = this.items.find((item) => item.key === key);
    this.#controllers.get(key)?.abort();
    if (upload?.info) void this.#client.discardFile(upload.info);
    if (upload?.preview) URL.revokeObjectURL(upload.preview);
    this.#set(this.items.filter((item) => item.key !== key));
  }

  /** The message has them now; what could not be sent has been seen. */
  taken(): void {
    for (const { preview } of this.items) if (preview) URL.revokeObjectURL(preview);
    this.#set([]);
  }

  /** Nobody will send them. */
  clear(): void {
    for (const { key } of this.items) this.remove(key);
  }

  #put(upload: Pick<Upload, "name" | "file" | "preview" | "problem">): number {
    this.#count += 1;
    this.#set([...this.items, { ...upload, key: this.#count, status: "failed", share: 0 }]);
    return this.#count;
  }

  async #send(key: number, file: File): Promise<void> {
    const controller = new AbortController();
    this.#controllers.set(key, controller);
    this.#change(key, { status: "sending", share: 0, problem: undefined, canRetry: undefined });
    try {
      const info = await this.#client.upload(file, {
        onProgress: (share) => this.#change(key, { share }),
        signal: controller.signal,
        ...(this.#askId !== undefined && { askId: this.#askId }),
      });
      this.#change(key, { status: "done", share: 1, info });
    } catch (error) {
      if (controller.signal.aborted) return;
      const failure = error instanceof RequestError ? error.failure : undefined;
      const canRetry = failure === undefined || failure.code === "unavailable" || failure.code === "rate-limited";
      this.#change(key, {
        status: "failed",
        problem: failure ? said(failure) : strings.upload.failed({ name: file.name }),
        canRetry,
      });
    } finally {
      this.#controllers.delete(key);
    }
  }

  #change(key: number, change: { [K in keyof Upload]?: Upload[K] | undefined }): void {
    this.#set(this.items.map((item) => (item.key === key ? ({ ...item, ...change } as Upload) : item)));
  }

  #set(items: readonly Upload[]): void {
    this.items = items;
    if (this.#thread !== undefined) saveFiles(this.#thread, this.done);
    for (const listener of [...this.#listeners]) listener();
  }
}

/** It has a place among those that may be sent. */
function isCounted({ status, canRetry }: Upload): boolean {
  return status !== "failed" || canRetry === true;
}

/** Uploads for as long as a component stands; what was not sent goes with it. */
export function useUploads(limits: Limits, askId?: string): Uploads {
  const client = useClient();
  const { status } = useConnection();
  const uploads = useMemo(() => new Uploads(client, askId), [client, askId]);
  uploads.limits = limits;
  useSyncExternalStore(uploads.subscribe, () => uploads.items);
  useEffect(() => {
    if (status === "online") uploads.resume();
  }, [status, uploads]);
  const isMounted = useRef(false);
  useEffect(() => {
    isMounted.current = true;
    return () => {
      isMounted.current = false;
      // A strict tree mounts twice: only who stays away forgets.
      setTimeout(() => {
        if (!isMounted.current) uploads.clear();
      });
    };
  }, [uploads]);
  return uploads;
}
