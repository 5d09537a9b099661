import { type JSX, useRef } from "react";
import { strings } from "../../strings";
import { Glyph } from "../../ui/Glyph";
import { acceptOf } from "./limits";
import type { Uploads } from "./uploads";

export function AttachButton({ uploads }: { uploads: Uploads }): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        className="icon-button"
        aria-label={strings.upload.attach}
        title={strings.upload.attach}
        onClick={() => input.current?.click()}
      >
        <Glyph shape="clip" />
      </button>
      <input
        ref={input}
        type="file"
        hidden
        multiple={uploads.limits.maxFiles > 1}
        accept={acceptOf(uploads.limits)}
        onChange={(event) => {
          uploads.add([...(event.target.files ?? [])]);
          event.target.value = ""; // the same file may be chosen again
        }}
      />
    </>
  );
}
