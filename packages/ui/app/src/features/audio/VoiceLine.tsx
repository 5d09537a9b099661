import { type JSX, Suspense } from "react";
import { later } from "../../ui/later";
import type { VoiceControl } from "./useVoice";

const VoicePanel = later(() => import("./VoicePanel").then((module) => module.VoicePanel));

/** What the microphone is doing, above the composer's buttons. */
export function VoiceLine({ control: { voice } }: { control: VoiceControl }): JSX.Element | null {
  if (voice === undefined) return null;
  return (
    <Suspense fallback={null}>
      <VoicePanel voice={voice} />
    </Suspense>
  );
}
