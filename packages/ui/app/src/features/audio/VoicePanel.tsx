import { type JSX, useEffect, useState, useSyncExternalStore } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { Visualiser } from "./Visualiser";
import type { Voice } from "./voice";

/** What the microphone is doing, above the composer's buttons. Silent when it is off. */
export function VoicePanel({ voice }: { voice: Voice }): JSX.Element | null {
  const state = useSyncExternalStore(voice.subscribe, voice.state);
  if (state.kind === "off") return null;
  if (state.kind === "problem") {
    return (
      <div className="voice is-problem" role="alert">
        <Glyph shape="warning" small />
        <span className="voice-text">{state.text}</span>
        <button
          type="button"
          className="icon-button small"
          aria-label={strings.voice.dismiss}
          onClick={() => void voice.stop()}
        >
          <Glyph shape="cross" small />
        </button>
      </div>
    );
  }
  return (
    <div className="voice">
      <span className={state.kind === "on" ? "voice-light is-on" : "voice-light"} />
      <span className="voice-text" role="status">
        {strings.voice[state.kind]}
      </span>
      {state.kind === "on" && (
        <>
          <Visualiser analyser={state.analyser} />
          <Elapsed since={state.since} />
        </>
      )}
    </div>
  );
}

function Elapsed({ since }: { since: number }): JSX.Element {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds(Math.floor((Date.now() - since) / 1000)), 500);
    return () => clearInterval(timer);
  }, [since]);
  const shown = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return (
    <time className="voice-time" title={strings.voice.elapsed({ time: shown })}>
      {shown}
    </time>
  );
}
