// Stories of the AI SDK's transport and reader. Each prints what it saw as JSON.
import { DefaultChatTransport, readUIMessageStream } from "ai";

const headers = { Authorization: `Bearer ${process.env.TOKEN}` };
const transport = new DefaultChatTransport({ api: `${process.env.URL}/ai-sdk`, headers });
const png = `data:image/png;base64,${Buffer.from([137, 80, 78, 71, 13, 10, 26, 10, ...new Array(60).fill(0)]).toString("base64")}`;

let made = 0;
const user = (text, id = `m${++made}`, files = []) => ({ id, role: "user", parts: [{ type: "text", text }, ...files] });

async function read(stream) {
  let message;
  for await (message of readUIMessageStream({ stream, terminateOnError: true }));
  return message; // undefined, when nothing was said
}

async function say(messages, chatId = "mine", options = {}) {
  const request = { chatId, messages, trigger: "submit-message", messageId: undefined, ...options };
  return read(await transport.sendMessages(request));
}

const text = (message) => message.parts.filter((part) => part.type === "text").map((part) => part.text).join("|");

const stories = {
  async work() {
    const message = await say([user("work")]);
    return { parts: message.parts, metadata: message.metadata };
  },
  async show() {
    return (await say([user("show")])).parts;
  },
  async turns() {
    const first = user("one");
    const answer = await say([first]);
    const second = user("context");
    const seen = [text(await say([first, answer, second]))];
    const again = { trigger: "regenerate-message", messageId: answer.id };
    seen.push(text(await say([first, answer, second], "mine", again)));
    const changed = user("context", first.id); // the first message, with another text
    seen.push(text(await say([changed])));
    seen.push(text(await say([changed]))); // as it was: answered already
    seen.push(text(await say([user("Hi"), { ...answer, role: "assistant" }, user("context")], "brought")));
    return seen;
  },
  async questions() {
    const asked = await say([user("choose")]);
    const answered = await say([user("Red")]);
    return { asked: asked.parts.find((part) => part.type === "data-ask").data, answered: text(answered) };
  },
  async files() {
    return text(await say([user("files", "f1", [{ type: "file", mediaType: "image/png", filename: "a.png", url: png }])]));
  },
  async resumed() {
    if ((await transport.reconnectToStream({ chatId: "mine" })) !== null) return "nothing was going";
    const stop = new AbortController();
    const stream = await transport.sendMessages({
      chatId: "mine", messages: [user("wait")], trigger: "submit-message", messageId: undefined, abortSignal: stop.signal,
    });
    const reader = stream.getReader();
    while ((await reader.read()).value?.delta !== "one ");
    const back = await transport.reconnectToStream({ chatId: "mine" });
    stop.abort();
    await say([user("release")], "another");
    return text(await read(back));
  },
  async failure() {
    const seen = [];
    for (const call of [
      () => say([user("fail")]),
      () => say([user("")]),
      async () => read(await new DefaultChatTransport({ api: `${process.env.URL}/ai-sdk` })
        .sendMessages({ chatId: "mine", messages: [user("Hi")], trigger: "submit-message" })),
    ]) {
      try {
        seen.push(await call());
      } catch (error) {
        seen.push(error.message);
      }
    }
    return seen;
  },
};

console.log(JSON.stringify(await stories[process.argv[2]]()));
