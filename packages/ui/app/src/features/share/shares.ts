import type { ConvoClient, ShareInfo, ShareList } from "@convo/client";

export type ShareKind = ShareInfo["kind"];

const at = (thread: string) => `threads/${encodeURIComponent(thread)}/shares`;

/** The links to a thread that work, the latest first. Rejects with `RequestError`, as the others. */
export async function listShares(client: ConvoClient, thread: string): Promise<readonly ShareInfo[]> {
  return (await client.api<ShareList>("GET", at(thread))).shares;
}

export function createShare(client: ConvoClient, thread: string, kind: ShareKind): Promise<ShareInfo> {
  return client.api<ShareInfo>("POST", at(thread), { body: { kind } });
}

/** Lets a link work no more; the ones that still do. */
export async function revokeShare(client: ConvoClient, thread: string, id: string): Promise<readonly ShareInfo[]> {
  return (await client.api<ShareList>("DELETE", `${at(thread)}/${encodeURIComponent(id)}`)).shares;
}
