import { io } from "socket.io-client";
import type { Answer, Batch, Command, Connect, Hello, Received, Snapshot } from "./protocol.gen";

/** What comes down a connection. */
export interface SocketHandlers {
  hello(hello: Hello): void;
  batch(batch: Batch): void;
  snapshot(snapshot: Snapshot): void;
  /** The connection was refused or could not be made; `data` is what the server sent with it. */
  failed(data: unknown): void;
  closed(): void;
}

/** One connection that can be opened again and again; it never reconnects by itself. */
export interface Socket {
  readonly isOpen: boolean;
  open(): void;
  close(): void;
  /** Sends a command; the promise rejects when no answer comes. */
  command(command: Command, timeoutMs: number): Promise<Answer>;
  received(received: Received): void;
}

export type OpenSocket = (url: string, connect: () => Connect, handlers: SocketHandlers) => Socket;

/** A connection over Socket.IO, by WebSocket or, where that is blocked, by long polling. */
export const openSocket: OpenSocket = (url, connect, handlers) => {
  const { origin, pathname } = new URL(url);
  const socket = io(origin, {
    path: `${pathname.replace(/\/+$/, "")}/ws/socket.io`,
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    withCredentials: true,
    reconnection: false,
    autoConnect: false,
    forceNew: true,
    timeout: 10_000,
    auth: (send: (frame: object) => void) => send(connect()),
  });
  socket.on("hello", handlers.hello);
  socket.on("batch", handlers.batch);
  socket.on("snapshot", handlers.snapshot);
  socket.on("connect_error", (error: Error & { data?: unknown }) => handlers.failed(error.data));
  socket.on("disconnect", (reason: string) => {
    if (reason !== "io client disconnect") handlers.closed();
  });
  return {
    get isOpen() {
      return socket.connected;
    },
    open: () => {
      socket.connect();
    },
    close: () => {
      socket.disconnect();
    },
    command: (command, timeoutMs) => {
      if (!socket.connected) return Promise.reject(new Error("Not connected."));
      return socket.timeout(timeoutMs).emitWithAck("command", command) as Promise<Answer>;
    },
    received: (received) => {
      if (socket.connected) socket.emit("received", received);
    },
  };
};
