import type { Widget, WidgetOptions } from "./contract";

/** What a page wants of its widget, and where the app is. */
export interface MountOptions extends WidgetOptions {
  /** The app's origin and path: `https://chat.example`, or a path of the page's own origin. */
  readonly url: string;
}

type Mount = (options: WidgetOptions) => Widget;

/** The scripts of a page by their addresses: several widgets of an app share one. */
const scripts = new Map<string, Promise<Mount>>();

/**
 * Puts a chat into the page, by the script of the app at `url`, so that the two are always of one version. Rejects with a
 * `TypeError` for options that are wrong and for an `id` that is taken, and with an `Error` when the script does not come;
 * the next call tries again.
 */
export async function mountConvoWidget(options: MountOptions): Promise<Widget> {
  const address = addressOf(options.url);
  let script = scripts.get(address);
  if (script === undefined) {
    script = load(address);
    scripts.set(address, script);
    script.catch(() => scripts.delete(address));
  }
  const mount = await script;
  return mount(options);
}

function addressOf(url: unknown): string {
  if (typeof document === "undefined")
    throw new TypeError("mountConvoWidget: a widget needs a page; call it in a browser.");
  const text = typeof url === "string" ? url.replace(/[?#].*$/, "").replace(/\/+$/, "") : undefined;
  if (text === undefined || !URL.canParse(text, location.href))
    throw new TypeError('mountConvoWidget: `url` says where the app is, as "https://chat.example".');
  const address = new URL(`${text}/copilot/index.js`, location.href);
  if (address.protocol !== "https:" && address.protocol !== "http:")
    throw new TypeError("mountConvoWidget: `url` begins with https:// or http://.");
  return address.href;
}

function load(address: string): Promise<Mount> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => {
      script.remove();
      // Events of a script follow it at once: no other one has run meanwhile.
      const { mountConvoWidget: mount } = globalThis as { mountConvoWidget?: Mount };
      if (mount === undefined) reject(new Error(`mountConvoWidget: ${address} is not the script of a widget.`));
      else resolve(mount);
    };
    script.onerror = () => {
      script.remove();
      reject(
        new Error(
          `mountConvoWidget: ${address} could not be loaded. Is the app there, and does the page's policy allow its scripts?`,
        ),
      );
    };
    document.head.append(script);
  });
}
