import { type StepView, useAppInfo, useClient } from "@convo/react";
import { type JSX, useCallback, useId, useRef, useState } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { Choices } from "../../ui/Picker";
import { useIntent } from "../shell/intent";

/** The user's favourites among what he said in this thread, to be said again. */
export function FavouritesButton({ onPick }: { onPick: (text: string) => void }): JSX.Element | null {
  const client = useClient();
  const isOffered = useAppInfo()?.favourites === true;
  const [shown, setShown] = useState<readonly StepView[]>();
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const open = useCallback(() => {
    const found = client.favourites();
    if (found.length === 0) client.showToast(strings.favourites.none);
    else setShown(found);
  }, [client]);
  useIntent("favourites", open);
  if (!isOffered) return null;
  const close = () => {
    setShown(undefined);
    button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className="icon-button"
        aria-label={strings.favourites.title}
        aria-haspopup="listbox"
        aria-expanded={shown !== undefined}
        aria-controls={shown ? id : undefined}
        title={strings.favourites.title}
        onClick={() => (shown ? close() : open())}
      >
        <Glyph shape="star" />
      </button>
      {shown && (
        <Choices
          id={id}
          label={strings.favourites.title}
          options={shown.map((step) => ({ id: step.id, name: step.output }))}
          value={undefined}
          anchor={button}
          onClose={close}
          onPick={(picked) => {
            close();
            onPick(shown.find((step) => step.id === picked)?.output ?? "");
          }}
        />
      )}
    </>
  );
}
