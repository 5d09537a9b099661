import { useConnection, useField, useHello } from "@convo/react";
import type { JSX } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import type { VoiceControl } from "./useVoice";
import "./audio.css";

export function VoiceButton({ control }: { control: VoiceControl }): JSX.Element | null {
  const mine = useHello()?.connection;
  const isOnline = useConnection().status === "online";
  const shown = useField("audio");
  if (!control.isOffered) return null;
  const isElsewhere = shown !== undefined && shown !== null && shown.state !== "off" && shown.connection !== mine;
  const label = isElsewhere ? strings.voice.elsewhere : control.isTalking ? strings.voice.stop : strings.voice.start;
  return (
    <button
      type="button"
      className={control.isTalking ? "icon-button voice-button is-on" : "icon-button voice-button"}
      aria-label={label}
      aria-pressed={control.isTalking}
      title={label}
      disabled={isElsewhere || (!isOnline && !control.isTalking)}
      onClick={() => void control.press()}
    >
      <Glyph shape="mic" />
    </button>
  );
}
