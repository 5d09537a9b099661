import { useAppInfo, useField } from "@convo/react";
import { type JSX, useEffect, useState } from "react";
import { strings } from "../../strings";
import { Icon } from "../../ui/Icon";
import { Prose } from "../markdown/Prose";
import { Starters } from "../starter/Starters";

/** A thread in which nobody has said anything. While it loads, nothing is claimed about it. */
export function EmptyThread({ isLoading }: { isLoading: boolean }): JSX.Element {
  const isSlow = useSlow(isLoading);
  const info = useAppInfo();
  const name = useField("profile");
  const profile = info?.profiles?.find((one) => one.name === name);
  if (isLoading) {
    return (
      <div className="empty" aria-busy="true">
        {isSlow && (
          <p className="empty-loading">
            <span className="spin" />
            {strings.app.loading}
          </p>
        )}
      </div>
    );
  }
  return (
    <div className="empty">
      <Icon name={profile?.icon} />
      <h2>{profile?.displayName ?? profile?.name ?? strings.empty.title}</h2>
      {profile?.description ? <Prose text={profile.description} /> : <p>{info?.description || strings.empty.hint}</p>}
      <Starters />
    </div>
  );
}

/** Whether `isOn` has lasted long enough that people wonder. */
function useSlow(isOn: boolean): boolean {
  const [isSlow, setIsSlow] = useState(false);
  useEffect(() => {
    if (!isOn) return;
    const timer = setTimeout(() => setIsSlow(true), 600);
    return () => {
      clearTimeout(timer);
      setIsSlow(false);
    };
  }, [isOn]);
  return isSlow;
}
