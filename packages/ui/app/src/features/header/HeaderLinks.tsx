import { useAppInfo } from "@convo/react";
import type { JSX } from "react";
import { Icon } from "../../ui/Icon";

/** The author's links. */
export function HeaderLinks(): JSX.Element {
  const links = useAppInfo()?.links ?? [];
  return (
    <>
      {links.map(({ name, displayName, url, icon, target = "_blank" }) => (
        <a key={name} className="button head-link" href={url} target={target} rel="noreferrer">
          <Icon name={icon} small />
          <span>{displayName ?? name}</span>
        </a>
      ))}
    </>
  );
}
