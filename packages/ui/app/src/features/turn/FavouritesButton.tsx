import { useAppInfo, useClient } from "@convo/react";
import { type JSX, useCallback, useId, useRef, useState } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { Choices } from "../../ui/Picker";
import { useIntent } from "../shell/intent";
import { useFavourites } from "./favourites";

/** What the user marked among what he said, in this thread and in his others, to be said again. */
export function FavouritesButton({ onPick }: { onPick: (text: string) => void }): JSX.Element | null {
  const client = useClient();
  const isOffered = useAppInfo()?.favourites === true;
  const { list, status, load, loadMore } = useFavourites();
  const [isOpen, setIsOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const open = useCallback(async () => {
    const coming = load();
    if (client.favourites().length === 0 && (await coming).length === 0) client.showToast(strings.favourites.none);
    else setIsOpen(true);
  }, [client, load]);
  useIntent("favourites", open);
  if (!isOffered) return null;
  const close = () => {
    setIsOpen(false);
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
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        title={strings.favourites.title}
        onClick={() => (isOpen ? close() : void open())}
      >
        <Glyph shape="star" />
      </button>
      {isOpen && (
        <Choices
          id={id}
          label={strings.favourites.title}
          options={list.map(({ id, text }) => ({ id, name: text }))}
          value={undefined}
          anchor={button}
          note={status === "failed" ? strings.favourites.failed : undefined}
          onClose={close}
          onEnd={loadMore}
          onPick={(picked) => {
            close();
            onPick(list.find((one) => one.id === picked)?.text ?? "");
          }}
        />
      )}
    </>
  );
}
