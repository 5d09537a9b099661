/** The lines of a stream of text, each as soon as it is whole. */
export async function* lines(stream: ReadableStream<string>): AsyncGenerator<string> {
  const reader = stream.getReader();
  let pieces: string[] = [];
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const [first = "", ...rest] = read.value.split("\n");
      pieces.push(first);
      for (const next of rest) {
        yield pieces.join("");
        pieces = [next];
      }
    }
  } finally {
    reader.releaseLock();
  }
  const last = pieces.join("");
  if (last !== "") yield last;
}
