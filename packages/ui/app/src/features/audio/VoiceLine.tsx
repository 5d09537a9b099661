import { type JSX, lazy, Suspense } from "react";
import type { VoiceControl } from "./useVoice";

const VoicePanel = lazy(async () => ({ default: (await import("./VoicePanel")).VoicePanel }));

/** What the microphone is doing, above the composer's buttons. */
export function VoiceLine({ control: { voice } }: { control: VoiceControl }): JSX.Element | null {
  if (voice === undefined) return null;
  return (
    <Suspense fallback={null}>
      <VoicePanel voice={voice} />
    </Suspense>
  );
}
