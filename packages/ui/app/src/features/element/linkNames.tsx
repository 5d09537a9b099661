import { ElementLink } from "./ElementLink";
import type { LinkNames } from "./MentionScope";
import { mentionsOf } from "./mention";
import type { ElementView } from "./viewers";

/** Links the names of those elements that open elsewhere. */
export function linkNames(elements: readonly ElementView[]): LinkNames | undefined {
  const mentions = mentionsOf(elements);
  return (
    mentions &&
    ((text) =>
      mentions.split(text).map((piece, index) =>
        typeof piece === "string" ? (
          piece
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: text grows at its end
          <ElementLink key={index} element={piece}>
            {piece.name}
          </ElementLink>
        ),
      ))
  );
}
