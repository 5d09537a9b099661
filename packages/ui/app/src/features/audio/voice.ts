import { type ConvoClient, type Failure, RequestError } from "@convo/client";
import { said } from "../../said";
import { strings } from "../../strings";
import { toBase64 } from "./base64";
import { Microphone, MicrophoneError } from "./microphone";
import { Uplink } from "./uplink";

export type VoiceState =
  | { readonly kind: "off" }
  | { readonly kind: "asking" }
  | { readonly kind: "starting" }
  | { readonly kind: "on"; readonly analyser: AnalyserNode; readonly since: number }
  | { readonly kind: "problem"; readonly text: string };

const OFF: VoiceState = { kind: "off" };

/** What a tab says to the app: from the press of the button to its end. */
export class Voice {
  readonly #client: ConvoClient;
  readonly #rate: number;
  readonly #listeners = new Set<() => void>();
  #state: VoiceState = OFF;
  #microphone: Microphone | undefined;
  #uplink: Uplink | undefined;
  /** The run that answers whether the app listens; by it the state is known to be about this talk. */
  #run: string | undefined;
  #unsubscribe: (() => void) | undefined;
  /** Each talk has a number: what comes late for an earlier one is dropped. */
  #talk = 0;

  constructor(client: ConvoClient, rate: number) {
    this.#client = client;
    this.#rate = rate;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): VoiceState => this.#state;

  async start(): Promise<void> {
    if (this.#state.kind !== "off" && this.#state.kind !== "problem") return;
    this.#talk += 1;
    const talk = this.#talk;
    this.#set({ kind: "asking" });
    const uplink = new Uplink(
      this.#rate,
      (index, bytes) => this.#client.command({ kind: "audio-chunk", index, bytes: toBase64(bytes) }),
      (failure) => this.#uplinkFailed(talk, failure),
    );
    this.#uplink = uplink;
    try {
      const microphone = await Microphone.open(
        this.#rate,
        (piece) => uplink.push(piece),
        () => this.#fail(talk, strings.voice.lost),
      );
      if (talk !== this.#talk) return void microphone.close();
      this.#microphone = microphone;
      this.#set({ kind: "starting" });
      const { data } = await this.#client.request({ kind: "audio-start" });
      this.#run = (data as { runId?: string } | undefined)?.runId;
    } catch (error) {
      this.#fail(talk, textOf(error));
      return;
    }
    if (talk !== this.#talk) return;
    const ends = [
      this.#client.subscribe("field:audio", () => this.#follow(talk)),
      this.#client.subscribe("connection", () => this.#follow(talk)),
    ];
    this.#unsubscribe = () => {
      for (const end of ends) end();
    };
    this.#follow(talk);
  }

  /** The user is done: what he said is sent, then the app is told. */
  async stop(): Promise<void> {
    const { kind } = this.#state;
    const microphone = this.#microphone;
    const uplink = this.#uplink;
    const talk = this.#talk;
    if (kind === "off" || kind === "problem") return this.#set(OFF);
    this.#microphone = undefined;
    this.#uplink = undefined;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#talk += 1;
    this.#set(OFF);
    await microphone?.close();
    if (kind === "on") await uplink?.drain();
    uplink?.abort();
    if (kind !== "asking" && talk + 1 === this.#talk) {
      await this.#client.command({ kind: "audio-end" }).catch(() => {});
    }
  }

  /** The page goes away, or opens another thread. */
  close(): void {
    void this.stop();
  }

  /** What the app says of this talk. */
  #follow(talk: number): void {
    if (talk !== this.#talk) return;
    const audio = this.#client.field("audio");
    const isOnline = this.#client.connection.status === "online";
    if (!isOnline) {
      this.#fail(talk, strings.voice.gone);
      return;
    }
    if (audio?.run !== this.#run) return;
    if (audio?.state === "on" && this.#microphone !== undefined && this.#state.kind === "starting") {
      this.#uplink?.open();
      this.#set({ kind: "on", analyser: this.#microphone.analyser, since: Date.now() });
    }
    if (audio?.state !== "off") return;
    if (audio.reason === "ended") this.#end(OFF);
    else if (audio.reason === "gone") this.#fail(talk, strings.voice.gone);
    else this.#fail(talk, audio.reason === "refused" ? strings.voice.refused : strings.voice.appFailed);
  }

  #uplinkFailed(talk: number, failure: Failure): void {
    if (failure.code === "conflict") return; // the microphone is off already: the field says why
    this.#fail(talk, failure.text === "" ? strings.voice.slow : said(failure));
  }

  #fail(talk: number, text: string): void {
    if (talk !== this.#talk) return;
    const wasOn = this.#state.kind === "on" || this.#state.kind === "starting";
    this.#end({ kind: "problem", text });
    if (wasOn && this.#client.connection.status === "online") {
      void this.#client.command({ kind: "audio-end" }).catch(() => {});
    }
  }

  #end(state: VoiceState): void {
    this.#talk += 1;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#uplink?.abort();
    void this.#microphone?.close();
    this.#microphone = undefined;
    this.#set(state);
  }

  #set(state: VoiceState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}

function textOf(error: unknown): string {
  if (error instanceof MicrophoneError) return strings.voice[error.fault];
  if (error instanceof RequestError) return said(error.failure);
  return strings.voice.failed;
}
