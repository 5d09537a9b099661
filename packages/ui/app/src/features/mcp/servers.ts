import type { McpServer, McpServerInfo } from "@convo/client";

/** Those that the app offers, then those that the user has added to this chat. */
export function serversOf(
  offered: readonly McpServerInfo[],
  servers: Readonly<Record<string, McpServer>>,
): readonly McpServerInfo[] {
  const own = Object.keys(servers).filter((name) => servers[name]?.own === true);
  return [...offered, ...own.map((name) => ({ name }))];
}
