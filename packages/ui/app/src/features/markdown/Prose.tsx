import { type JSX, Suspense } from "react";
import { later } from "../../ui/later";
import { AuthorContext } from "./images";

const Markdown = later(() => import("./Markdown").then((module) => module.Markdown));

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
