import type { AppInfo, Failure, FileInfo } from "./protocol.gen";

/** What went wrong with a request or a command, as the server says it. */
export class RequestError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.text);
    this.name = "RequestError";
    this.failure = failure;
  }
}

export interface UploadOptions {
  /** The ask that the file answers. */
  readonly askId?: string;
  /** The part that has left, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
  readonly signal?: AbortSignal;
}

export interface ApiOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** A file that came, with the name it is to be saved by. */
export interface Download {
  readonly name: string;
  readonly content: Blob;
}

/** Plain HTTP beside the socket: what an app says of itself, and files. */
export class Http {
  readonly #root: string;
  readonly #token: () => string | undefined;

  /** `token` says who asks, where cookies do not reach. */
  constructor(url: string, token: () => string | undefined = () => undefined) {
    this.#token = token;
    this.#root = `${url.replace(/\/+$/, "")}/`;
  }

  /** The address of something the server keeps, or of something elsewhere as it is. */
  address(url: string): string {
    return /^[a-z][a-z0-9+.-]*:|^\/\//i.test(url) ? url : `${this.#root}${url.replace(/^\/+/, "")}`;
  }

  async info(profile: string | undefined, language: string | undefined): Promise<AppInfo> {
    const query = new URLSearchParams({ ...(profile && { profile }), ...(language && { language }) });
    const response = await fetch(this.address(`api/v1/app?${query}`), {
      credentials: "same-origin",
      headers: this.#headers(),
    });
    if (!response.ok) throw new RequestError(await failureOf(() => response.json()));
    return (await response.json()) as AppInfo;
  }

  /** Asks the API; what has no content gives `undefined`. Rejects with `RequestError`, or `AbortError` by the signal. */
  async api<T>(method: string, path: string, options: ApiOptions = {}): Promise<T> {
    const response = await this.#ask(method, path, options);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /** Reads a file that the API writes, all of it. Rejects with `RequestError`, also when it ends before its end. */
  async download(path: string, signal?: AbortSignal): Promise<Download> {
    const response = await this.#ask("GET", path, { signal });
    try {
      return { name: nameOf(response), content: await response.blob() };
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new RequestError(UNREACHABLE);
    }
  }

  async #ask(method: string, path: string, { body, signal }: ApiOptions): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(this.address(`api/v1/${path}`), {
        method,
        credentials: "same-origin",
        headers: this.#headers(body !== undefined && { "Content-Type": "application/json" }),
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new RequestError(UNREACHABLE);
    }
    if (!response.ok) throw new RequestError(await failureOf(() => response.json()));
    return response;
  }

  /** Sends a file, and says how much of it has left. Rejects with `RequestError`, or `AbortError` by the signal. */
  upload(threadId: string, file: File, { askId, onProgress, signal }: UploadOptions = {}): Promise<FileInfo> {
    const query = new URLSearchParams({ name: file.name, ...(askId !== undefined && { ask: askId }) });
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest(); // `fetch` does not say how much has left
      request.open("POST", this.address(`api/v1/threads/${encodeURIComponent(threadId)}/files?${query}`));
      request.withCredentials = true;
      for (const [name, value] of Object.entries(this.#headers())) request.setRequestHeader(name, value);
      request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
      request.upload.onprogress = ({ loaded, total }) => onProgress?.(total > 0 ? loaded / total : 0);
      request.onload = async () => {
        if (request.status === 201) resolve(JSON.parse(request.responseText) as FileInfo);
        else reject(new RequestError(await failureOf(() => JSON.parse(request.responseText))));
      };
      request.onerror = () => reject(new RequestError(UNREACHABLE));
      request.onabort = () => reject(new DOMException("The upload was cancelled.", "AbortError"));
      signal?.addEventListener("abort", () => request.abort(), { once: true });
      if (signal?.aborted) request.abort();
      else request.send(file);
    });
  }

  /** Takes back a file that was not sent. What fails is forgotten with the session. */
  async discard(url: string): Promise<void> {
    const headers = this.#headers();
    await fetch(this.address(url), { method: "DELETE", credentials: "same-origin", headers }).catch(() => {});
  }

  /** Reads what the server keeps, all of it. Rejects with `RequestError`. */
  async content(address: string): Promise<Blob> {
    try {
      const response = await fetch(address, { credentials: "same-origin", headers: this.#headers() });
      if (!response.ok) throw new RequestError(await failureOf(() => response.json()));
      return await response.blob();
    } catch (error) {
      throw error instanceof RequestError ? error : new RequestError(UNREACHABLE);
    }
  }

  /** Whether an address is of the server. */
  isOwn(address: string): boolean {
    return address.startsWith(this.#root);
  }

  #headers(more: Readonly<Record<string, string>> | false = false): Record<string, string> {
    const token = this.#token();
    return { ...(more || {}), ...(token !== undefined && { Authorization: `Bearer ${token}` }) };
  }
}

export const UNREACHABLE: Failure = {
  code: "unavailable",
  key: "unreachable",
  text: "The server did not answer. Try again when the connection is back.",
};

function nameOf(response: Response): string {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
  try {
    return decodeURIComponent(encoded ?? "");
  } catch {
    return "";
  }
}

async function failureOf(read: () => unknown): Promise<Failure> {
  try {
    const failure = (await read()) as Partial<Failure>;
    if (typeof failure.code === "string" && typeof failure.text === "string") return failure as Failure;
  } catch {
    // A proxy's own page: it says nothing that a person could use.
  }
  return UNREACHABLE;
}
