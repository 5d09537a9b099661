import { Resampler, toPcm16 } from "./resample";

// What is there where this runs; TypeScript's own library does not know it.
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new (options: Options) => AudioWorkletProcessor): void;

interface Options {
  readonly processorOptions: { readonly rate: number; readonly piece: number };
}

/** Posts what the microphone hears as pieces of 16-bit samples, in order. Told to finish, it posts the rest and `null`. */
class Capture extends AudioWorkletProcessor {
  readonly #resampler: Resampler;
  readonly #piece: number;
  #held: Int16Array<ArrayBuffer>;
  #length = 0;
  #isOpen = true;

  constructor({ processorOptions: { rate, piece } }: Options) {
    super();
    this.#resampler = new Resampler(sampleRate, rate);
    this.#piece = piece;
    this.#held = new Int16Array(piece);
    this.port.onmessage = () => {
      this.#isOpen = false;
      this.#post(this.#held.slice(0, this.#length));
      this.port.postMessage(null);
    };
  }

  process([input]: readonly (readonly Float32Array[])[]): boolean {
    const heard = input?.[0];
    if (!this.#isOpen || heard === undefined) return this.#isOpen;
    for (const sample of toPcm16(this.#resampler.push(heard))) {
      this.#held[this.#length] = sample;
      this.#length += 1;
      if (this.#length < this.#piece) continue;
      this.#post(this.#held);
      this.#held = new Int16Array(this.#piece);
      this.#length = 0;
    }
    return true;
  }

  #post(piece: Int16Array<ArrayBuffer>): void {
    if (piece.length > 0) this.port.postMessage(piece, [piece.buffer]);
  }
}

registerProcessor("capture", Capture);
