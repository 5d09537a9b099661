import { useAppInfo, useField } from "@convo/react";
import type { JSX } from "react";
import { strings } from "../../strings";
import { Picker } from "../../ui/Picker";
import { Prose } from "../markdown/Prose";

/** The way the app is used here, and the others there are. Another one begins a chat of its own. */
export function ProfilePicker({ onNewChat }: { onNewChat: (profile: string) => void }): JSX.Element | null {
  const profiles = useAppInfo()?.profiles ?? [];
  const current = useField("profile") ?? undefined;
  if (profiles.length === 0) return null;
  return (
    <Picker
      label={strings.profile.title}
      value={current}
      options={profiles.map(({ name, displayName, description, icon }) => ({
        id: name,
        name: displayName ?? name,
        icon,
        description: description && <Prose text={description} />,
      }))}
      onPick={onNewChat}
    />
  );
}
