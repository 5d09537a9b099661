import { type FileInfo, useClient, useCommands, usePendingAsks, useRequest, useRuns } from "@convo/react";
import { type FormEvent, type JSX, useState } from "react";

/** Where one writes: a message, or the answer to what is asked for in words. */
export function Composer(): JSX.Element {
  const client = useClient();
  const request = useRequest();
  const { send, stop, newChat } = useCommands();
  const { running } = useRuns();
  const asked = usePendingAsks().find(({ type }) => type === "text");
  const [text, setText] = useState("");
  const [files, setFiles] = useState<readonly FileInfo[]>([]);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (asked !== undefined) {
      const answer = await request({ kind: "answer", askId: asked.id, value: text });
      if (answer === undefined) return; // it was refused, and a toast says why: the text stays
    } else {
      send(text, { files });
      setFiles([]);
    }
    setText("");
  };

  const upload = async (chosen: FileList | null): Promise<void> => {
    for (const file of chosen ?? []) {
      try {
        const info = await client.upload(file);
        setFiles((before) => [...before, info]);
      } catch (error) {
        client.showFailure(error);
      }
    }
  };

  return (
    <form onSubmit={(event) => void submit(event)}>
      <input
        aria-label="Message"
        placeholder={asked === undefined ? "What shall we cook?" : "Your answer"}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <input aria-label="Files" type="file" multiple onChange={(event) => void upload(event.target.files)} />
      {files.map(({ id, name }) => (
        <span key={id}>{name}</span>
      ))}
      <button type="submit">Send</button>
      {running.length > 0 && (
        <button type="button" onClick={() => void stop()}>
          Stop
        </button>
      )}
      <button type="button" onClick={() => newChat()}>
        New chat
      </button>
    </form>
  );
}
