import type { Token } from "@convo/client";
import type { Keep } from "../keep";
import type { Settings } from "../options";

const VISITOR = "visitor";
/** The part of a token's life after which another one is fetched. */
const RENEWED_AT = 0.7;
const LEAST_MS = 5_000;
const AGAIN_MS = 15_000;

/** The page's token, if it has one, does not let anybody in. */
export class RefusedError extends Error {
  readonly code: string;

  constructor(code: string, text: string) {
    super(text);
    this.code = code;
  }
}

/** Who uses the chat, where cookies do not reach: whom the page vouches for, or a visitor who is known again. */
export class Credentials {
  readonly #settings: Settings;
  readonly #keep: Keep;
  readonly #onFailure: (error: RefusedError) => void;
  #assertion: string | undefined;
  #token: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(settings: Settings, keep: Keep, onFailure: (error: RefusedError) => void) {
    this.#settings = settings;
    this.#keep = keep;
    this.#onFailure = onFailure;
    this.#assertion = settings.accessToken;
  }

  /** What is shown to the server now. */
  get token(): string | undefined {
    return this.#token ?? (this.isVouched ? undefined : (this.#keep.getItem(VISITOR) ?? undefined));
  }

  /** Whether the page says who reads, and not the browser. */
  get isVouched(): boolean {
    return this.#assertion !== undefined || this.#settings.getToken !== undefined;
  }

  /** Gets the first token where the page vouches. */
  async begin(): Promise<void> {
    if (this.isVouched) await this.#vouch();
  }

  /** The server did not know the token: gets another one, or begins as another visitor. */
  async renew(): Promise<void> {
    if (this.isVouched) await this.#vouch();
    else this.#keep.removeItem(VISITOR);
  }

  /** Another token of the page's, maybe for somebody else. Rejects with `RefusedError`. */
  async replace(assertion: string): Promise<void> {
    this.#assertion = assertion;
    this.#take(await this.#exchange());
  }

  /** The server has given a visitor a token. */
  remember(token: string | null | undefined): void {
    if (token && !this.isVouched) this.#keep.setItem(VISITOR, token);
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  async #vouch(): Promise<void> {
    try {
      this.#take(await this.#exchange());
    } catch (error) {
      this.#fail(error);
    }
  }

  async #exchange(): Promise<Token> {
    const { getToken } = this.#settings;
    const assertion = this.#assertion ?? (await getToken?.());
    if (getToken !== undefined) this.#assertion = undefined; // the next one is asked for
    return this.#ask({ body: JSON.stringify({ assertion }), headers: { "Content-Type": "application/json" } });
  }

  async #ask(request: { readonly body?: string; readonly headers: Readonly<Record<string, string>> }): Promise<Token> {
    let response: Response;
    try {
      response = await fetch(`${this.#settings.url}/api/v1/auth/token`, {
        method: "POST",
        credentials: "omit",
        ...request,
      });
    } catch {
      throw new RefusedError("unavailable", "The server did not answer.");
    }
    const said = (await response.json().catch(() => ({}))) as Partial<Token & { code: string; text: string }>;
    if (!response.ok || typeof said.token !== "string") {
      throw new RefusedError(said.code ?? "unavailable", said.text ?? "The server did not answer.");
    }
    return said as Token;
  }

  #take({ token, expiresAt }: Token): void {
    this.#token = token;
    clearTimeout(this.#timer);
    if (!expiresAt) return;
    const life = Date.parse(expiresAt) - Date.now();
    this.#timer = setTimeout(() => void this.#refresh(), Math.max(LEAST_MS, life * RENEWED_AT));
  }

  /** As long as the sign-in lasts, the token itself gets the next one; then the page is asked. */
  async #refresh(): Promise<void> {
    try {
      this.#take(await this.#ask({ headers: { Authorization: `Bearer ${this.#token}` } }));
    } catch (error) {
      if (error instanceof RefusedError && error.code === "unauthenticated") await this.renew();
      else this.#timer = setTimeout(() => void this.#refresh(), AGAIN_MS);
    }
  }

  #fail(error: unknown): void {
    this.#token = undefined;
    this.#onFailure(error instanceof RefusedError ? error : new RefusedError("unauthenticated", String(error)));
  }
}
