import type { JSX } from "react";
import { strings } from "../../strings";
import { Dialog } from "../../ui/Dialog";
import { Aside, useIsNarrow } from "./Aside";
import { usePanel } from "./open";
import { AppContent, ElementBar, ElementContent, useSiblings } from "./PanelContent";

/** Elements beside the chat; on a phone, on a sheet above it. */
export function Panel(): JSX.Element | null {
  const panel = usePanel();
  const isNarrow = useIsNarrow();
  const { element, sidebar, close } = panel;
  const title = element ? element.name || strings.element.unnamed : sidebar?.title || strings.panel.title;
  const isTabbed = useSiblings(element).length > 1;
  const content = element ? (
    <ElementContent element={element} isSheet={isNarrow} />
  ) : (
    sidebar && <AppContent sidebar={sidebar} isSheet={isNarrow} />
  );
  if (!panel.isOpen) return null;
  if (isNarrow) {
    return (
      <Dialog title={isTabbed ? strings.panel.tabs : title} place="sheet" onClose={close}>
        {content}
      </Dialog>
    );
  }
  return (
    <Aside
      title={title}
      head={element ? <ElementBar element={element} isSheet={false} /> : <h2>{title}</h2>}
      asked={panel.isRestored ? undefined : element?.id}
      onClose={close}
    >
      {content}
    </Aside>
  );
}
