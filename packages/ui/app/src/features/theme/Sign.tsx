import type { JSX } from "react";
import { Glyph } from "../../ui/Glyph";
import { useSign } from "./theme";

/** The app's own sign, or ours. It says nothing to a screen reader: the app's name stands beside it. */
export function Sign(): JSX.Element {
  const address = useSign();
  return address === "" ? <Glyph shape="chat" /> : <img className="sign" src={address} alt="" />;
}
