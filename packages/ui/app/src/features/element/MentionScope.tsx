import { useElements } from "@convo/react";
import { createContext, type JSX, type ReactNode, useMemo } from "react";
import { part } from "../../ui/part";
import { useModule } from "../../ui/useModule";

/** A text with links in the place of the names it says. */
export type LinkNames = (text: string) => ReactNode;

/** How names are linked in the text within; nothing where it has none to look for. */
export const MentionContext = createContext<LinkNames | undefined>(undefined);

const links = part(() => import("./linkNames"));

/** In the text within, the names of a step's elements are links to them. */
export function MentionScope({ stepId, children }: { stepId: string; children: ReactNode }): JSX.Element {
  const elements = useElements(stepId);
  const isWanted = elements.some(({ display }) => display === "side" || display === "page");
  // Without it, names are text, and cards below it lead to their elements.
  const module = useModule(links, isWanted);
  const link = useMemo(() => module?.linkNames(elements), [module, elements]);
  return <MentionContext value={link}>{children}</MentionContext>;
}
