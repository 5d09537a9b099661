import { useEffect, useState } from "react";
import { isOurs } from "./address";

/** An element's content as it comes. Give the last two to `Unshown`. */
export type Content<T> =
  | { readonly status: "loading" }
  | { readonly status: "ready"; readonly value: T }
  | { readonly status: "failed"; readonly reason: ContentFailure; readonly retry: () => void };

export type ContentFailure = "missing" | "unreachable" | "elsewhere" | "empty" | "failed";

/** Why reading ended early; anything else that `read` throws means that the content is not what it should be. */
class ContentError extends Error {
  readonly reason: ContentFailure;

  constructor(reason: ContentFailure) {
    super(`The content is ${reason}.`);
    this.reason = reason;
  }
}

/** The content at `url`, read once. `read` stays the same function. Other hosts are not asked. */
export function useContent<T>(url: string | undefined, read: (response: Response) => Promise<T>): Content<T> {
  const [content, setContent] = useState<Content<T>>(LOADING);
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt reads again
  useEffect(() => {
    const controller = new AbortController();
    // What is shown stays until the next content is there.
    setContent((before) => (before.status === "failed" ? LOADING : before));
    fetchContent(url, read, controller.signal).then(
      (value) => setContent({ status: "ready", value }),
      (error: unknown) => {
        if (controller.signal.aborted) return;
        const reason = error instanceof ContentError ? error.reason : "failed";
        setContent({ status: "failed", reason, retry: () => setAttempt((count) => count + 1) });
      },
    );
    return () => controller.abort();
  }, [url, read, attempt]);
  return content;
}

const LOADING = { status: "loading" } as const;

export async function readText(response: Response): Promise<string> {
  return response.text();
}

async function fetchContent<T>(
  url: string | undefined,
  read: (response: Response) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  if (url === undefined) throw new ContentError("empty");
  if (!isOurs(url)) throw new ContentError("elsewhere");
  const response = await fetch(url, { credentials: "same-origin", signal }).catch(() => {
    throw new ContentError("unreachable");
  });
  if (response.status === 404 || response.status === 410) throw new ContentError("missing");
  if (!response.ok) throw new ContentError("unreachable");
  return read(response);
}
