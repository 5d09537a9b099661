import { type JSX, lazy, Suspense } from "react";
import { AuthorContext } from "./images";

const Markdown = lazy(() => import("./Markdown").then((module) => ({ default: module.Markdown })));

/** Markdown of the author's outside of the transcript; nothing until it can be set. */
export function Prose({ text }: { text: string }): JSX.Element {
  return (
    <Suspense>
      <AuthorContext value={true}>
        <Markdown text={text} />
      </AuthorContext>
    </Suspense>
  );
}
