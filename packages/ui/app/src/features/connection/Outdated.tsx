import { type JSX, useSyncExternalStore } from "react";
import { strings } from "../../strings";
import { isOutdated, onOutdated } from "../../ui/part";
import { surface } from "../../ui/surface";
import { Banner } from "../notice/Banner";

/** Says that the server no longer has what this page wants, and what to do. Nothing while it has. */
export function Outdated(): JSX.Element | null {
  if (!useSyncExternalStore(onOutdated, isOutdated)) return null;
  return (
    <Banner
      tone="warn"
      shape="warning"
      text={strings.connection.outdated}
      action={{ label: strings.connection.reload, run: () => surface.reload() }}
    />
  );
}
