/** Half as wide as what one sample is made of, in samples of the lower rate. */
const HALF = 8;
/** Steps of the kernel's table between two samples. */
const FINE = 128;

/** Turns samples of one rate into samples of another, piece by piece and without a seam: a windowed sinc. */
export class Resampler {
  readonly #step: number;
  readonly #half: number;
  readonly #kernel: Float32Array;
  #held: Float32Array<ArrayBufferLike> = new Float32Array(0);
  /** Where in `#held` the next sample stands. */
  #at = 0;

  constructor(from: number, to: number) {
    this.#step = from / to;
    // What the lower rate cannot hold would come back as noise, so it is left out.
    const cutoff = Math.min(1, to / from);
    this.#half = Math.ceil(HALF / cutoff);
    this.#kernel = kernel(this.#half, cutoff);
    this.#held = new Float32Array(this.#half);
    this.#at = this.#half;
  }

  push(samples: Float32Array): Float32Array {
    if (this.#step === 1) return samples;
    const all = new Float32Array(this.#held.length + samples.length);
    all.set(this.#held);
    all.set(samples, this.#held.length);
    const made: number[] = [];
    for (; this.#at + this.#half < all.length; this.#at += this.#step) made.push(this.#sample(all));
    const done = Math.max(0, Math.floor(this.#at) - this.#half);
    this.#held = all.slice(done);
    this.#at -= done;
    return Float32Array.from(made);
  }

  #sample(all: Float32Array): number {
    const first = Math.ceil(this.#at - this.#half);
    const last = Math.floor(this.#at + this.#half);
    let sum = 0;
    for (let i = Math.max(0, first); i <= last; i += 1) {
      const place = Math.abs(i - this.#at) * FINE;
      const left = Math.floor(place);
      const a = this.#kernel[left] ?? 0;
      const b = this.#kernel[left + 1] ?? 0;
      sum += (all[i] ?? 0) * (a + (b - a) * (place - left));
    }
    return sum;
  }
}

/** The right half of the kernel, which is the same on both sides. */
function kernel(half: number, cutoff: number): Float32Array {
  const table = new Float32Array(half * FINE + 2);
  for (let i = 0; i < half * FINE; i += 1) {
    const x = i / FINE;
    const angle = Math.PI * x * cutoff;
    const sinc = i === 0 ? 1 : Math.sin(angle) / angle;
    const window = 0.42 + 0.5 * Math.cos((Math.PI * x) / half) + 0.08 * Math.cos((2 * Math.PI * x) / half);
    table[i] = cutoff * sinc * window;
  }
  return table;
}

/** Samples between -1 and 1 as 16-bit ones. */
export function toPcm16(samples: Float32Array): Int16Array<ArrayBuffer> {
  const pcm = new Int16Array(samples.length);
  for (let i = 0; i < samples.length; i += 1) {
    const sample = Math.max(-1, Math.min(1, samples[i] ?? 0));
    pcm[i] = Math.round(sample * 32767);
  }
  return pcm;
}

/** 16-bit little-endian samples as ones between -1 and 1. */
export function fromPcm16(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const samples = new Float32Array(bytes.byteLength >> 1);
  for (let i = 0; i < samples.length; i += 1) samples[i] = view.getInt16(i * 2, true) / 32768;
  return samples;
}
