export { branch, type Fork, type Turn, tipOf, turns } from "./branch";
export {
  type ClientOptions,
  type ClientTopic,
  ConvoClient,
  createClient,
  type ListingEvent,
  type PassingEvent,
  type Request,
  type Runs,
} from "./client";
export type { StepView } from "./entry";
export { type Environment, MemoryStorage, type Storage, storageOf } from "./environment";
export { type FieldName, ThreadFold, type Topic } from "./fold";
export { type Download, RequestError, type UploadOptions } from "./http";
export type { OlderView } from "./older";
export type { MessageExtras, OutboxEntry } from "./outbox";
export * from "./protocol.gen";
export { type OpenSocket, openSocket, type Socket, type SocketHandlers } from "./socket";
export type { ToastView } from "./toasts";
export {
  compare,
  type Difference,
  durationOf,
  matchesOf,
  nodeJson,
  pairsMatching,
  rowsOf,
  type Sums,
  type Trace,
  type TraceFilter,
  type TraceNode,
  type TracePair,
  type TraceRow,
  type TraceStatus,
  traceJson,
  traceOf,
} from "./trace";
export type { Connection, ConnectionStatus } from "./transport";
