import * as React from "react";
import type { ElementStore } from "./element";

/** What a component finds without an import, under the names that components written for Chainlit use. */
export function globals(store: ElementStore): void {
  const { updateElement, deleteElement, callAction, sendUserMessage, submit, cancel } = store;
  Object.defineProperty(window, "props", { get: () => store.props, set() {}, configurable: true });
  Object.assign(window, {
    React,
    updateElement,
    deleteElement,
    callAction,
    sendUserMessage,
    submit,
    cancel,
    submitElement: submit,
    cancelElement: cancel,
  });
}
