import { fromPcm16 } from "./resample";

/** Seconds between getting the first piece and playing it, so that the next ones come in time. */
const LEAD = 0.06;

/** Plays pieces of sound one after the other, without a gap. */
export class Player {
  readonly #rate: number;
  readonly #onPlaying: (isPlaying: boolean) => void;
  #context: AudioContext | undefined;
  #end = 0;
  #playing = new Set<AudioBufferSourceNode>();
  /** Decoding takes time; what comes later waits its turn. */
  #last: Promise<void> = Promise.resolve();
  #round = 0;

  constructor(rate: number, onPlaying: (isPlaying: boolean) => void) {
    this.#rate = rate;
    this.#onPlaying = onPlaying;
  }

  play(mime: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const round = this.#round;
    const decoded = this.#decode(mime, bytes);
    this.#last = this.#last.then(async () => {
      const buffer = await decoded;
      if (buffer !== undefined && round === this.#round) this.#schedule(buffer);
    });
    return this.#last;
  }

  /** Silence at once: what is playing, what is scheduled and what is being decoded. */
  interrupt(): void {
    this.#round += 1;
    for (const source of this.#playing) source.stop();
    this.#playing.clear();
    this.#end = 0;
    this.#onPlaying(false);
  }

  #open(): AudioContext {
    this.#context ??= new AudioContext({ sampleRate: this.#rate });
    // A browser plays nothing before its user has done something.
    if (this.#context.state === "suspended") wake(this.#context);
    return this.#context;
  }

  async #decode(mime: string, bytes: Uint8Array<ArrayBuffer>): Promise<AudioBuffer | undefined> {
    const context = this.#open();
    const rate = rateOf(mime, this.#rate);
    if (rate === undefined) return context.decodeAudioData(bytes.buffer).catch(() => undefined);
    const samples = fromPcm16(bytes);
    if (samples.length === 0) return undefined;
    const buffer = context.createBuffer(1, samples.length, rate);
    buffer.copyToChannel(samples, 0);
    return buffer;
  }

  #schedule(buffer: AudioBuffer): void {
    const context = this.#open();
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(context.destination);
    const start = this.#end > context.currentTime ? this.#end : context.currentTime + LEAD;
    source.start(start);
    this.#end = start + buffer.duration;
    this.#playing.add(source);
    this.#onPlaying(true);
    source.onended = () => {
      if (this.#playing.delete(source) && this.#playing.size === 0) this.#onPlaying(false);
    };
  }
}

/** The rate of raw samples; nothing for what a browser has to decode. */
export function rateOf(mime: string, fallback: number): number | undefined {
  const [type, ...rest] = mime.toLowerCase().split(";");
  if (type !== "pcm16" && type !== "audio/pcm" && type !== "audio/l16") return undefined;
  const rate = Number(rest.join(";").match(/rate=(\d+)/)?.[1]);
  return rate >= 3000 && rate <= 384000 ? rate : fallback;
}

const gestures = ["pointerdown", "keydown"] as const;

function wake(context: AudioContext): void {
  void context.resume().catch(() => {});
  const onGesture = () => {
    void context.resume().catch(() => {});
    for (const gesture of gestures) removeEventListener(gesture, onGesture, true);
  };
  for (const gesture of gestures) addEventListener(gesture, onGesture, { capture: true, passive: true });
}
