import { useAppInfo } from "@convo/react";
import type { JSX } from "react";
import { config } from "../../config";

/** Who says a message, with his picture where there is one in `public/avatars`. The app itself is named for that alone. */
export function Author({ name }: { name: string }): JSX.Element | null {
  const info = useAppInfo();
  const picture = info?.avatars?.[authorKey(name)];
  if (picture === undefined && (name === config.name || name === info?.name)) return null;
  return (
    <div className="author">
      {picture !== undefined && <img className="avatar" src={`${config.root}/${picture}`} alt="" />}
      {name}
    </div>
  );
}

/** How the server writes an author's name in the name of his picture. */
export function authorKey(author: string): string {
  return author
    .trim()
    .toLowerCase()
    .replaceAll(/[\s._-]+/g, "_");
}
