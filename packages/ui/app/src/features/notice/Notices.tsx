import { useNotices } from "@convo/react";
import type { JSX } from "react";
import { strings } from "../../strings";
import { Banner } from "./Banner";

/** What the server wants every tab to know. */
export function Notices(): JSX.Element {
  const notices = useNotices().filter(({ type }) => !type.endsWith("-changed")); // the page heeds those, and is silent
  return (
    <>
      {notices.map((notice) => (
        <Banner
          key={notice.id}
          tone={notice.type === "reload-failed" ? "bad" : "warn"}
          shape="warning"
          text={notice.type === "shutting-down" ? strings.errors.stopping : notice.text}
        >
          {notice.detail && (
            <details className="banner-detail" open>
              <summary>{strings.notices.traceback}</summary>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long traceback scrolls, also by keyboard */}
              <pre tabIndex={0}>{notice.detail}</pre>
            </details>
          )}
        </Banner>
      ))}
    </>
  );
}
