import { describe, expect, it } from "vitest";
import { fromPcm16, Resampler, toPcm16 } from "./resample";

/** A tone of `hertz`, a second long. */
function tone(hertz: number, rate: number): Float32Array {
  return Float32Array.from({ length: rate }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / rate));
}

function resampled(samples: Float32Array, from: number, to: number, piece: number): number[] {
  const resampler = new Resampler(from, to);
  const made: number[] = [];
  for (let i = 0; i < samples.length; i += piece) made.push(...resampler.push(samples.subarray(i, i + piece)));
  return made;
}

function loudness(samples: readonly number[]): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

function pitch(samples: readonly number[], rate: number): number {
  let crossings = 0;
  for (let i = 1; i < samples.length; i += 1) if ((samples[i - 1] ?? 0) < 0 && (samples[i] ?? 0) >= 0) crossings += 1;
  return (crossings * rate) / samples.length;
}

describe("resampling", () => {
  for (const [from, to] of [
    [48000, 24000],
    [44100, 24000],
    [48000, 16000],
    [16000, 24000],
    [24000, 24000],
  ] as const) {
    it(`keeps a tone's pitch, loudness and length from ${from} to ${to}`, () => {
      const made = resampled(tone(440, from), from, to, 128);
      expect(Math.abs(made.length - to)).toBeLessThan(to * 0.01);
      expect(pitch(made, to)).toBeCloseTo(440, -1);
      expect(loudness(made.slice(200, -200))).toBeCloseTo(0.5 / Math.SQRT2, 2);
    });
  }

  it("makes the same of one piece as of many", () => {
    const whole = resampled(tone(300, 44100), 44100, 24000, 44100);
    const pieces = resampled(tone(300, 44100), 44100, 24000, 77);
    const shared = Math.min(whole.length, pieces.length);
    for (let i = 0; i < shared; i += 1) expect(pieces[i]).toBeCloseTo(whole[i] ?? 0, 4);
  });

  it("leaves out what the lower rate cannot hold", () => {
    expect(loudness(resampled(tone(15000, 48000), 48000, 16000, 128).slice(100, -100))).toBeLessThan(0.01);
  });

  it("turns samples into 16 bits and back, clipped", () => {
    const pcm = toPcm16(Float32Array.from([0, 0.5, -0.5, 2, -2]));
    expect([...pcm]).toEqual([0, 16384, -16383, 32767, -32767]);
    const back = fromPcm16(new Uint8Array(pcm.buffer));
    expect(back[1]).toBeCloseTo(0.5, 3);
  });
});
