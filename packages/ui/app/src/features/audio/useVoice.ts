import { useAppInfo, useClient } from "@convo/react";
import { useCallback, useEffect, useState } from "react";
import type { Voice } from "./voice";

export interface VoiceControl {
  /** Whether the app listens at all. */
  readonly isOffered: boolean;
  /** There from the first press on. */
  readonly voice: Voice | undefined;
  readonly isTalking: boolean;
  readonly press: () => Promise<void>;
}

/** The microphone of the composer. What it needs is loaded when it is pressed. */
export function useVoice(): VoiceControl {
  const client = useClient();
  const info = useAppInfo();
  const [voice, setVoice] = useState<Voice>();
  const [isTalking, setTalking] = useState(false);
  const rate = info?.audioRate ?? 24000;

  useEffect(() => {
    if (voice === undefined) return;
    const follow = () => setTalking(["asking", "starting", "on"].includes(voice.state().kind));
    follow();
    const ends = [
      voice.subscribe(follow),
      // Another thread is another talk.
      client.onThread(() => voice.close()),
    ];
    return () => {
      for (const end of ends) end();
      voice.close();
    };
  }, [client, voice]);

  const press = useCallback(async () => {
    if (voice !== undefined) return isTalking ? voice.stop() : voice.start();
    // Not a `part`: one that comes minutes later would begin to listen to who has given up.
    const module = await import("./voice").catch((error: unknown) => client.showFailure(error));
    if (module === undefined) return;
    const loaded = new module.Voice(client, rate);
    setVoice(loaded);
    await loaded.start();
  }, [client, rate, voice, isTalking]);

  return { isOffered: info?.audio === true, voice, isTalking, press };
}
