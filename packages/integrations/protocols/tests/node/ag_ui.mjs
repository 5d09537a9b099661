// Stories of AG-UI's own client, which checks every event and their order. Each prints what it saw as JSON.
import { HttpAgent } from "@ag-ui/client";

const headers = { Authorization: `Bearer ${process.env.TOKEN}` };

function agent(threadId = "mine", initialMessages = []) {
  return new HttpAgent({ url: `${process.env.URL}/ag-ui`, headers, threadId, initialMessages });
}

async function say(one, content, parameters = {}) {
  const events = [];
  if (content !== undefined) one.addMessage({ id: crypto.randomUUID(), role: "user", content });
  try {
    await one.runAgent(parameters, { onEvent: ({ event }) => void events.push(event) });
  } catch (error) {
    events.push({ type: "THROWN", message: String(error.message) });
  }
  return events;
}

const types = (events) => events.map((event) => event.type);
const texts = (one) => one.messages.filter((message) => message.role === "assistant").map((message) => message.content);

const stories = {
  async work() {
    const one = agent();
    const events = await say(one, "work");
    const finished = events.at(-1);
    const again = await say(one, "context");
    return {
      types: types(events),
      state: Object.keys(one.state),
      messages: one.messages.map(({ role, content, toolCalls }) => [role, content ?? toolCalls]),
      outcome: finished.outcome,
      usage: finished.usage,
      again: again.filter((event) => event.type === "TEXT_MESSAGE_CONTENT").map((event) => event.delta).join(""),
    };
  },
  async show() {
    const events = await say(agent(), "show");
    return events.filter((event) => event.type === "CUSTOM").map(({ name, value }) => [name, value]);
  },
  async interrupts() {
    const one = agent();
    const asked = await say(one, "name");
    const [interrupt] = asked.at(-1).outcome.interrupts;
    const resume = [{ interruptId: interrupt.id, status: "resolved", payload: "Ann" }];
    await say(one, undefined, { resume });
    const [choice] = (await say(one, "choose")).at(-1).outcome.interrupts;
    await say(one, undefined, { resume: [{ interruptId: choice.id, status: "cancelled" }] });
    const [other] = (await say(one, "choose")).at(-1).outcome.interrupts;
    const [blue] = Object.keys(other.metadata.choices).filter((id) => other.metadata.choices[id] === "Blue");
    const end = await say(one, undefined, { resume: [{ interruptId: other.id, status: "resolved", payload: blue }] });
    return { interrupt, texts: texts(one), enumerated: other.responseSchema.enum.length, end: types(end).at(-1) };
  },
  async failure() {
    const events = await say(agent(), "fail");
    const refused = await say(new HttpAgent({ url: `${process.env.URL}/ag-ui`, threadId: "mine" }), "Hi");
    return { failed: events.at(-1), refused: refused.at(-1).message };
  },
  async begun() {
    const before = [
      { id: "1", role: "user", content: "Hi" },
      { id: "2", role: "assistant", content: "Hello" },
    ];
    const one = agent("other", before);
    await say(one, "context");
    return texts(one).at(-1);
  },
  async stop() {
    const one = agent();
    one.addMessage({ id: "1", role: "user", content: "wait" });
    const running = one.runAgent({}, { onTextMessageContentEvent: () => one.abortRun() });
    await running.catch(() => undefined);
    return "left";
  },
};

console.log(JSON.stringify(await stories[process.argv[2]]()));
