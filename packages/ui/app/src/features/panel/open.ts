import { useElement, useField, useHello } from "@convo/react";
import { useCallback, useMemo, useSyncExternalStore } from "react";
import type { ElementView } from "../element/viewers";
import { choosePanel, isRestored, onPanelChoice, panelChoice } from "./choice";
import { openPage } from "./page";
import { type Sidebar, sidebarOf } from "./sidebar";

function useSidebar(): Sidebar | undefined {
  const field = useField("sidebar");
  return useMemo(() => sidebarOf(field), [field]);
}

/** Opens an element: in the panel, or on its page where its `display` says so. */
export function useOpenElement(): (element: ElementView) => void {
  const over = useSidebar()?.id;
  const thread = useHello()?.thread;
  return useCallback(
    (element) => {
      if (element.display !== "page" || thread === undefined) {
        choosePanel({ ...panelChoice(), element: element.id, ...(over !== undefined && { over }) });
        return;
      }
      openPage(thread, element.id);
    },
    [over, thread],
  );
}

export interface PanelState {
  /** What the reader opened. */
  readonly element?: ElementView;
  /** What the app shows, also while the reader has closed it. */
  readonly sidebar?: Sidebar;
  readonly isOpen: boolean;
  /** As it was before the page was loaded again. */
  readonly isRestored: boolean;
  close(): void;
  /** Show again what the app shows. */
  reopen(): void;
}

export function usePanel(): PanelState {
  const choice = useSyncExternalStore(onPanelChoice, panelChoice);
  const sidebar = useSidebar();
  const isCurrent = sidebar === undefined || choice.over === sidebar.id;
  const element = useElement(isCurrent ? (choice.element ?? "") : "");
  const id = sidebar?.id;
  return useMemo(
    () => ({
      ...(element && { element }),
      ...(sidebar && { sidebar }),
      isOpen: element !== undefined || (sidebar !== undefined && choice.closed !== sidebar.id),
      isRestored: isRestored(choice),
      close: () => choosePanel(id === undefined ? {} : { closed: id }),
      reopen: () => choosePanel({}),
    }),
    [element, sidebar, choice, id],
  );
}
