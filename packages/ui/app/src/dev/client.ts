/** Stands in for the client in `--mode fake`. */
export interface ConvoClient {
  openThread(id: string): void;
}

export function createClient(_options: { url: string; thread?: string }): ConvoClient {
  return { openThread: () => undefined };
}
