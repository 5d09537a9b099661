/** A film on a video host. */
export interface Film {
  /** The host's name. */
  readonly host: string;
  /** Where its player is: the one that sets no cookies, where a host has such. */
  readonly player: string;
}

type Options = Readonly<Record<string, unknown>>;

/** How a host's addresses are read. `read` gives what its player needs from one, if it is a film's. */
interface Host {
  readonly name: string;
  /** Its names; what stands before one, as `www.`, is the host's too. */
  readonly hosts: readonly string[];
  readonly read: (url: URL) => string | undefined;
  readonly player: (film: string, options: Options) => string;
}

const ID = /^[\w-]{3,64}$/;
const id = (value: string | null | undefined): string | undefined => (value && ID.test(value) ? value : undefined);

/** Every origin of a player stands in the server's `frame-src` too. */
const HOSTS: readonly Host[] = [
  {
    name: "YouTube",
    hosts: ["youtube.com", "youtu.be", "youtube-nocookie.com"],
    read: (url) => {
      const [first, second] = segments(url);
      const film = url.hostname.endsWith("youtu.be")
        ? first
        : ["embed", "shorts", "live", "v"].includes(first ?? "")
          ? second
          : url.searchParams.get("v");
      return withStart(id(film), startOf(url));
    },
    player: (film, options) =>
      address(`https://www.youtube-nocookie.com/embed/${film}`, { rel: 0, autoplay: 1, ...options }),
  },
  {
    name: "Vimeo",
    hosts: ["vimeo.com"],
    read: (url) => {
      const parts = segments(url);
      const at = parts.findIndex((part) => /^\d+$/.test(part));
      const film = parts[at];
      if (film === undefined) return undefined;
      const secret = id(url.searchParams.get("h") ?? (parts.length > at + 1 ? parts[at + 1] : undefined));
      return secret === undefined ? film : `${film}?h=${secret}`;
    },
    player: (film, options) => address(`https://player.vimeo.com/video/${film}`, { dnt: 1, autoplay: 1, ...options }),
  },
  {
    name: "Dailymotion",
    hosts: ["dailymotion.com", "dai.ly"],
    read: (url) => {
      const parts = segments(url);
      if (url.hostname.endsWith("dai.ly")) return id(parts[0]);
      return id(url.searchParams.get("video") ?? (parts.includes("video") ? parts[parts.indexOf("video") + 1] : null));
    },
    player: (film, options) =>
      address(`https://geo.dailymotion.com/player.html?video=${film}`, { autoplay: 1, ...options }),
  },
  {
    name: "Loom",
    hosts: ["loom.com"],
    read: (url) => id(/^(share|embed)$/.test(segments(url)[0] ?? "") ? segments(url)[1] : undefined),
    player: (film, options) => address(`https://www.loom.com/embed/${film}`, { autoplay: 1, ...options }),
  },
  {
    name: "Wistia",
    hosts: ["wistia.com", "wistia.net"],
    read: (url) => id(segments(url).at(-1)),
    player: (film, options) =>
      address(`https://fast.wistia.net/embed/iframe/${film}`, { doNotTrack: "true", autoPlay: 1, ...options }),
  },
  {
    name: "Streamable",
    hosts: ["streamable.com"],
    read: (url) => id(segments(url).at(-1)),
    player: (film, options) => address(`https://streamable.com/e/${film}`, { autoplay: 1, ...options }),
  },
];

/** The film that an address names on one of the hosts; nothing for a file, or another host. */
export function filmOf(address: string, config: unknown = undefined): Film | undefined {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return undefined;
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") return undefined;
  const { hostname } = url;
  const host = HOSTS.find(({ hosts }) => hosts.some((name) => hostname === name || hostname.endsWith(`.${name}`)));
  const film = host?.read(url);
  if (host === undefined || film === undefined) return undefined;
  return { host: host.name, player: host.player(film, optionsOf(config, host.name.toLowerCase())) };
}

/** What an author wants of a player: plain values, also where react-player's configurations have them. */
export function optionsOf(config: unknown, host: string): Options {
  const nested = record(record(config)[host]);
  const all = {
    ...record(config),
    ...nested,
    ...record(nested.attributes),
    ...record(nested.playerVars),
    ...record(nested.playerOptions),
    ...record(nested.params),
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => {
      if (!/^\w{1,32}$/.test(name) || !["string", "number", "boolean"].includes(typeof value)) return [];
      return [[name, typeof value === "boolean" ? Number(value) : value]];
    }),
  );
}

function record(value: unknown): Options {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Options) : {};
}

function segments(url: URL): readonly string[] {
  return url.pathname.split("/").filter((part) => part !== "");
}

/** Seconds into a film, as `t=90`, `t=1m30s` or `start=90`. */
function startOf(url: URL): number | undefined {
  const text = url.searchParams.get("t") ?? url.searchParams.get("start") ?? "";
  const [, hours, minutes, seconds] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$/.exec(text) ?? [];
  const start = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
  return start > 0 ? start : undefined;
}

function withStart(film: string | undefined, start: number | undefined): string | undefined {
  return film === undefined || start === undefined ? film : `${film}?start=${start}`;
}

function address(player: string, options: Options): string {
  const url = new URL(player);
  for (const [name, value] of Object.entries(options)) url.searchParams.set(name, String(value));
  return url.href;
}
