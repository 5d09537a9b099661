// Stories of OpenAI's client in JavaScript. Each prints what it saw as JSON.
import OpenAI from "openai";

const client = new OpenAI({ baseURL: `${process.env.URL}/v1`, apiKey: process.env.TOKEN, maxRetries: 0 });
const model = "any";

const stories = {
  async answers() {
    const messages = [{ role: "user", content: "Good morning" }];
    const whole = await client.chat.completions.create({ model, messages });
    let streamed = "";
    for await (const chunk of await client.chat.completions.create({ model, messages, stream: true })) {
      streamed += chunk.choices[0].delta.content ?? "";
    }
    const response = await client.responses.create({ model, input: "Good evening" });
    const kinds = [];
    let delta = "";
    const options = { model, input: "context", previous_response_id: response.id, stream: true };
    for await (const event of await client.responses.create(options)) {
      kinds.push(event.type);
      if (event.type === "response.output_text.delta") delta += event.delta;
    }
    const models = [];
    for await (const one of client.models.list()) models.push(one.owned_by);
    return {
      whole: whole.choices[0].message.content,
      streamed,
      response: response.output_text,
      delta,
      last: kinds.at(-1),
      models,
    };
  },
  async refusals() {
    const seen = {};
    const calls = {
      failed: () => client.chat.completions.create({ model, messages: [{ role: "user", content: "fail" }] }),
      invalid: () => client.chat.completions.create({ model, messages: [] }),
      nobody: () => new OpenAI({ baseURL: client.baseURL, apiKey: "sk-no", maxRetries: 0 }).models.list(),
    };
    for (const [name, call] of Object.entries(calls)) {
      try {
        await call();
      } catch (error) {
        seen[name] = [error.status, error.type];
      }
    }
    return seen;
  },
};

console.log(JSON.stringify(await stories[process.argv[2]]()));
