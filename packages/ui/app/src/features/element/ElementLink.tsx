import { useHello } from "@convo/react";
import type { JSX, MouseEvent, ReactNode } from "react";
import { elementAddress } from "../app/route";
import { useOpenElement } from "../panel/open";
import type { ElementView } from "./viewers";

interface ElementLinkProps {
  readonly element: ElementView;
  readonly className?: string;
  readonly children: ReactNode;
}

/** Opens an element where its `display` says; with Ctrl or the middle button, on its own page in another tab. */
export function ElementLink({ element, className = "mention", children }: ElementLinkProps): JSX.Element {
  const thread = useHello()?.thread;
  const open = useOpenElement();
  const onClick = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(element);
  };
  return (
    <a className={className} href={thread && elementAddress(thread, element.id)} onClick={onClick}>
      {children}
    </a>
  );
}
