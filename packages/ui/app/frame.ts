/** What Vite asks of a plugin, as far as this one answers. */
interface Plugin {
  readonly name: string;
  readonly enforce: "pre";
  resolveId(id: string, importer: string | undefined): string | undefined;
  load(id: string): string | undefined;
}

const SHARED = "\0frame-react";

/** Libraries that a frame loads later use the React that is there already: two of them do not get along. */
export function frameReact(): Plugin {
  return {
    name: "frame-react",
    enforce: "pre",
    resolveId: (id, importer) => (id === "react" && importer?.includes("react-hook-form") ? SHARED : undefined),
    load: (id) => (id === SHARED ? "export default window.React;" : undefined),
  };
}
