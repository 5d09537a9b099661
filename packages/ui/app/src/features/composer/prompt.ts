import { surface } from "../../ui/surface";

/** What a link wants to be in the message box: taken out of the address, so that a reload does not bring it back. */
export function takePrompt(): string {
  if (!surface.isPage) return "";
  const address = new URL(location.href);
  const prompt = address.searchParams.get("prompt");
  if (prompt === null) return "";
  address.searchParams.delete("prompt");
  history.replaceState(history.state, "", address.pathname + address.search + address.hash);
  return prompt;
}
