import { type JSX, useEffect, useRef } from "react";

const BAR = 3;
const GAP = 2;
/** Milliseconds between two pictures where motion is not wanted: enough to see that one is heard. */
const CALM = 400;

/** How loud it is, and has been: bars that move to the left. A reader who wants no motion sees the level alone. */
export function Visualiser({ analyser }: { analyser: AnalyserNode }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const pen = element?.getContext("2d");
    if (!element || !pen) return;
    const samples = new Float32Array(analyser.fftSize);
    const levels: number[] = [];
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    let drawnAt = 0;
    let frame = 0;
    const draw = (now: number) => {
      frame = requestAnimationFrame(draw);
      if (now - drawnAt < (isCalm ? CALM : 50)) return;
      drawnAt = now;
      analyser.getFloatTimeDomainData(samples);
      levels.push(loudness(samples));
      const { clientWidth: width, clientHeight: height } = element;
      const ratio = devicePixelRatio || 1;
      if (element.width !== Math.round(width * ratio)) {
        element.width = Math.round(width * ratio);
        element.height = Math.round(height * ratio);
      }
      const bars = Math.max(1, Math.floor(width / (BAR + GAP)));
      levels.splice(0, levels.length - bars);
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, width, height);
      pen.fillStyle = getComputedStyle(element).color;
      const latest = levels.at(-1) ?? 0;
      for (let i = 0; i < bars; i += 1) {
        const level = isCalm ? (i / bars < latest ? 0.6 : 0) : (levels[i - bars + levels.length] ?? 0);
        const tall = Math.max(2, level * height);
        pen.beginPath();
        pen.roundRect(i * (BAR + GAP), (height - tall) / 2, BAR, tall, 1.5);
        pen.fill();
      }
    };
    frame = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(frame);
  }, [analyser]);
  return <canvas ref={canvas} className="voice-picture" />;
}

/** From 0, silence, to 1; as ears hear it rather than as it is. */
function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / samples.length + 1e-9);
  return Math.max(0, Math.min(1, (decibels + 55) / 45));
}
