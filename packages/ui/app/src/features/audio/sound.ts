import type { ConvoClient } from "@convo/client";
import { part } from "../../ui/part";
import { fromBase64 } from "./base64";
import type { Player } from "./player";

/** Milliseconds of silence that are a pause, not the end. */
const PAUSE = 400;
/** Milliseconds after which the same track begins to say something else. */
const REST = 1000;

const loadPlayer = part(() => import("./player"));

/** What the app says to a tab. The player is loaded with the first piece; what comes meanwhile waits its turn. */
export class Sound {
  readonly #client: ConvoClient;
  readonly #listeners = new Set<() => void>();
  #player: Promise<Player> | undefined;
  #isPlaying = false;
  #track = "";
  /** What a user does not want to hear any more, however much of it is still to come. */
  #unwanted: { readonly track: string; until: number } | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(client: ConvoClient) {
    this.#client = client;
  }

  /** Plays what comes, until the returned function is called. */
  start(): () => void {
    const ends = [
      this.#client.onPassing("audio-chunk", ({ mime, track, data }) => {
        if (this.#isUnwanted(track)) return;
        this.#track = track;
        void this.#load().then((player) => player.play(mime, fromBase64(data)));
      }),
      this.#client.onPassing("audio-interrupted", () => this.#interrupt()),
      this.#client.onThread(() => this.#interrupt()),
    ];
    return () => {
      for (const end of ends) end();
      this.#interrupt();
    };
  }

  readonly isPlaying = (): boolean => this.#isPlaying;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The user has heard enough: what is left of this track is dropped too. */
  readonly silence = (): void => {
    this.#interrupt();
    this.#unwanted = { track: this.#track, until: Date.now() + REST };
  };

  #interrupt(): void {
    this.#unwanted = undefined;
    void this.#player?.then((player) => player.interrupt());
  }

  #isUnwanted(track: string): boolean {
    if (this.#unwanted === undefined) return false;
    if (track !== this.#unwanted.track || Date.now() > this.#unwanted.until) {
      this.#unwanted = undefined;
      return false;
    }
    this.#unwanted.until = Date.now() + REST;
    return true;
  }

  #load(): Promise<Player> {
    this.#player ??= loadPlayer().then(
      ({ Player }) => new Player(this.#client.info?.audioRate ?? 24000, (isPlaying) => this.#follow(isPlaying)),
    );
    return this.#player;
  }

  #follow(isPlaying: boolean): void {
    clearTimeout(this.#pause);
    if (isPlaying) this.#tell(true);
    else this.#pause = setTimeout(() => this.#tell(false), PAUSE);
  }

  #tell(isPlaying: boolean): void {
    if (this.#isPlaying === isPlaying) return;
    this.#isPlaying = isPlaying;
    for (const listener of [...this.#listeners]) listener();
  }
}

const sounds = new WeakMap<ConvoClient, Sound>();

/** The one sound of a client. */
export function soundOf(client: ConvoClient): Sound {
  const known = sounds.get(client);
  if (known !== undefined) return known;
  const sound = new Sound(client);
  sounds.set(client, sound);
  return sound;
}
