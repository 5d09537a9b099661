import { useClient } from "@convo/react";
import { type JSX, useSyncExternalStore } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { soundOf } from "./sound";

/** Ends what the app is saying; there while it says something. */
export function SilenceButton(): JSX.Element | null {
  const sound = soundOf(useClient());
  if (!useSyncExternalStore(sound.subscribe, sound.isPlaying)) return null;
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={strings.voice.silence}
      title={strings.voice.silence}
      onClick={sound.silence}
    >
      <Glyph shape="silence" />
    </button>
  );
}
