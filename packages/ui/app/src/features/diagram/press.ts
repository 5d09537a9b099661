import { config } from "../../config";
import { strings } from "../../strings";
import { part } from "../../ui/part";
import { surface } from "../../ui/surface";
import { currentLook } from "./look";

export interface Drawing {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** Milliseconds: for the frame to load, and for one diagram. */
const LOADING = 20_000;
const DRAWING = 10_000;
const LARGEST = 4_000_000;
const frameAddress = () => `${config.root}/frames/diagram`;

/**
 * The frame that draws. It has no access to this page, and a policy of its own: what draws needs styles in its markup,
 * which this page forbids. What comes out is shown as an image.
 */
class Press {
  readonly #frame = document.createElement("iframe");
  readonly #port: Promise<MessagePort>;

  constructor() {
    this.#frame.setAttribute("sandbox", "allow-scripts");
    this.#frame.src = frameAddress();
    this.#frame.className = "press";
    this.#frame.title = strings.diagram.block;
    this.#frame.tabIndex = -1;
    this.#frame.inert = true;
    this.#frame.setAttribute("aria-hidden", "true");
    this.#port = new Promise((resolve) => {
      const greet = (event: MessageEvent) => {
        if (event.source !== this.#frame.contentWindow) return;
        removeEventListener("message", greet);
        // A channel ends with the document at its other end, so nothing else can come to hear what is sent.
        const { port1, port2 } = new MessageChannel();
        this.#frame.contentWindow?.postMessage("draw", "*", [port2]);
        resolve(port1);
      };
      addEventListener("message", greet);
    });
    surface.layer.append(this.#frame);
  }

  async draw(source: string): Promise<Drawing> {
    const port = await inTime(this.#port, LOADING);
    const answer = new Promise<unknown>((resolve) => {
      port.onmessage = ({ data }) => resolve(data);
      port.postMessage({ source, look: currentLook() });
    });
    return read(await inTime(answer, DRAWING));
  }

  end(): void {
    this.#frame.remove();
  }
}

class LateError extends Error {}

let press: Press | undefined;
let last: Promise<unknown> = Promise.resolve();

/** `source` as an image in the theme of now. Raises what is wrong with it. One at a time. */
export function draw(source: string): Promise<Drawing> {
  const drawing = last.then(async () => {
    if (press === undefined) await part(() => fetch(frameAddress(), { method: "HEAD" }))(); // a frame says of no failure
    press ??= new Press();
    try {
      return await press.draw(source);
    } catch (error) {
      // A frame that hangs is given up, and the next diagram gets another one.
      if (error instanceof LateError) {
        press.end();
        press = undefined;
      }
      throw error;
    }
  });
  last = drawing.catch(() => undefined);
  return drawing;
}

function read(answer: unknown): Drawing {
  const { svg, width, height, error } = answer as Record<string, unknown>;
  const isSize = (value: unknown): value is number => typeof value === "number" && value > 0 && value < 100_000;
  if (typeof svg === "string" && svg.startsWith("<svg") && svg.length < LARGEST && isSize(width) && isSize(height))
    return { svg, width, height };
  throw new Error(typeof error === "string" ? error.slice(0, 500) : "");
}

function inTime<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new LateError(strings.diagram.late)), milliseconds);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
