// Generated from the structs of `convo.protocol` by scripts/wire.py. Do not edit.

export const PROTOCOL_VERSION = 1;

export type StepType = "user_message" | "assistant_message" | "system_message" | "run" | "tool" | "llm" | "embedding" | "retrieval" | "rerank" | "undefined";
export type RunStatus = "queued" | "running" | "done" | "failed" | "stopped" | "interrupted";
export type AskType = "text" | "file" | "action" | "element";
export type AskOutcome = "answered" | "timed-out" | "cancelled";
export type CallOutcome = "returned" | "failed" | "timed-out" | "cancelled";
export type TextField = "input" | "output";
export type ErrorCode = "unauthenticated" | "invalid" | "not-found" | "too-large" | "rate-limited" | "conflict" | "expired" | "unavailable" | "unsupported" | "internal";

export const MESSAGE_TYPES: readonly StepType[] = ["user_message", "assistant_message", "system_message"];

/** What a reader thinks of a message: 1 is good, 0 is bad. */
export interface Feedback {
  value: 0 | 1;
  comment?: string;
  by?: string;
}

/** What a language model was asked and what it said. A chat has messages, a completion a prompt. */
export interface Generation {
  type?: "chat" | "completion";
  id?: string;
  promptId?: string;
  provider?: string;
  model?: string;
  error?: string;
  settings?: Record<string, unknown>;
  variables?: Record<string, unknown>;
  tags?: string[];
  metadata?: Record<string, unknown>;
  tools?: unknown[];
  messages?: Record<string, unknown>[];
  messageCompletion?: Record<string, unknown>;
  prompt?: string;
  completion?: string;
  tokenCount?: number;
  inputTokenCount?: number;
  outputTokenCount?: number;
  ttFirstToken?: number;
  tokenThroughputInS?: number;
  duration?: number;
  cost?: number;
}

/** A timed, nested piece of work, or (by its `type`) a message. `end` is absent while it is open. */
export interface Step {
  id: string;
  type: StepType;
  name?: string;
  parentId?: string;
  runId?: string;
  priorId?: string;
  author?: string;
  by?: string;
  commandId?: string;
  input?: string;
  output?: string;
  language?: string;
  showInput?: boolean | string;
  isError?: boolean;
  createdAt?: string;
  start?: string;
  end?: string;
  icon?: string;
  defaultOpen?: boolean;
  autoCollapse?: boolean;
  command?: string;
  modes?: Record<string, string>;
  generation?: Generation;
  metadata?: Record<string, unknown>;
  tags?: string[];
  feedback?: Feedback;
  favourite?: boolean;
}

/** Fields of a step to replace; what is absent stays. */
export interface StepFields {
  name?: string;
  type?: StepType;
  parentId?: string | null;
  author?: string | null;
  input?: string;
  output?: string;
  language?: string | null;
  showInput?: boolean | string;
  isError?: boolean;
  start?: string | null;
  end?: string | null;
  icon?: string | null;
  defaultOpen?: boolean;
  autoCollapse?: boolean;
  command?: string | null;
  modes?: Record<string, string> | null;
  generation?: Generation | null;
  metadata?: Record<string, unknown> | null;
  tags?: string[] | null;
  feedback?: Feedback | null;
  favourite?: boolean;
}

/** What a failed run shows: a log id to quote, and a text; `key` names one of ours, as that of a `Failure`. */
export interface RunError {
  id: string;
  text: string;
  key?: string;
}

/** What a message that waits will have besides its text. */
export interface QueuedMessage {
  author?: string;
  command?: string;
  modes?: Record<string, string>;
  files?: string[];
}

/** One callback's execution as readers see it. */
export interface RunInfo {
  id: string;
  callback: string;
  status: RunStatus;
  trigger?: string;
  text?: string;
  message?: QueuedMessage;
  commandId?: string;
  by?: string;
  queuedAt?: string;
  startedAt?: string;
  endedAt?: string;
  endedBy?: string;
  error?: RunError;
  value?: unknown;
}

/** Something shown with a message but not its text. Its bytes travel by HTTP, never in the log. `url` is absolute for what is elsewhere; what the server keeps has one that begins at the app's root, without `/`. */
export interface Element {
  id: string;
  type: string;
  name: string;
  forId?: string;
  by?: string;
  display?: "inline" | "page" | "side";
  url?: string;
  mime?: string;
  bytes?: number;
  size?: "large" | "medium" | "small";
  language?: string;
  props?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
}

/** A button offered under a message. `payload` never leaves the server. */
export interface Action {
  id: string;
  name: string;
  forId?: string;
  label?: string;
  tooltip?: string;
  icon?: string;
  payload?: Record<string, unknown>;
}

/** A question that waits for its answer. Absent `outcome`: pending. */
export interface Ask {
  id: string;
  stepId: string;
  runId: string;
  type: AskType;
  spec?: Record<string, unknown>;
  expiresAt?: string;
  anyone?: boolean;
  outcome?: AskOutcome;
  by?: string;
  answer?: unknown;
}

/** A function for the page to run. Absent `outcome`: pending. */
export interface Call {
  id: string;
  name: string;
  args?: Record<string, unknown>;
  expiresAt?: string;
  to?: string;
  outcome?: CallOutcome;
  value?: unknown;
}

/** What a bridge has posted of a step: read back after a restart. */
export interface Delivery {
  id: string;
  platform: string;
  ref: string;
  digest: string;
}

/** The stored conversation's own facts. `changed_at` and `running` are known of a thread in a list only. */
export interface ThreadInfo {
  id: string;
  name?: string;
  createdAt?: string;
  changedAt?: string;
  tags?: string[];
  metadata?: Record<string, unknown>;
  shared?: boolean;
  pinned?: boolean;
  running?: boolean;
}

/** Fields of a thread to replace; what is absent stays. */
export interface ThreadFields {
  name?: string | null;
  tags?: string[] | null;
  metadata?: Record<string, unknown> | null;
  shared?: boolean;
  pinned?: boolean;
}

/** A tool of an MCP server. `asks`: the user is asked before each use; `always`: he said that he need not be. */
export interface McpTool {
  name: string;
  description?: string;
  on?: boolean;
  asks?: boolean;
  always?: boolean;
}

/** Something an MCP server lets be read. */
export interface McpResource {
  uri: string;
  name: string;
  description?: string;
}

/** A prompt that an MCP server has ready. */
export interface McpPrompt {
  name: string;
  description?: string;
}

/** An MCP server as one chat has it. `reason` says why it `failed`, is `connecting` again or `needs-sign-in`; `detail` says it to authors. One is `own` whose address its user has entered: the app does not offer it. */
export interface McpServer {
  state?: "connected" | "connecting" | "failed" | "needs-sign-in" | "off";
  reason?: "denied" | "lost" | "not-allowed" | "not-started" | "refused" | "signed-out" | "timed-out" | "unknown" | "unreachable";
  detail?: string;
  tools?: McpTool[];
  resources?: McpResource[];
  prompts?: McpPrompt[];
  own?: boolean;
}

/** Fields of a state to replace. `session` (JSON keys of `user_session`) is for the Recorder alone. */
export interface StateFields {
  settings?: Record<string, unknown> | null;
  commands?: unknown[] | null;
  modes?: unknown[] | null;
  profile?: string | null;
  sidebar?: Record<string, unknown> | null;
  usage?: Record<string, unknown> | null;
  audio?: Record<string, unknown> | null;
  mcp?: Record<string, McpServer> | null;
  session?: Record<string, unknown>;
}

/** How far the Recorder has stored the log. With `since`, saving fails since then, for `reason`. */
export interface Saved {
  seq?: number;
  since?: string;
  reason?: string;
}

/** A thread that was deleted, and can be restored until `until`. */
export interface Removal {
  id: string;
  until: string;
  name?: string;
}

/** Something every tab of a principal should say, or heed, until it is cleared. `app-changed`: what the app says of itself (`GET api/v1/app`) may be something else now. `elements-changed`: components of custom elements are others now. `looks-changed`: the app's theme, stylesheet or words are others now; `text` names the files. `detail` is different each time, of these three. */
export interface Notice {
  id: string;
  type: "app-changed" | "elements-changed" | "looks-changed" | "reload-failed" | "shutting-down" | "signed-out";
  text: string;
  detail?: string;
}

export interface RunQueued {
  kind: "run-queued";
  id: string;
  callback: string;
  at: string;
  trigger?: string;
  text?: string;
  message?: QueuedMessage;
  commandId?: string;
  by?: string;
}

export interface RunStarted {
  kind: "run-started";
  id: string;
  at: string;
}

export interface RunEnded {
  kind: "run-ended";
  id: string;
  at: string;
  status: "done" | "failed" | "interrupted" | "stopped";
  by?: string;
  error?: RunError;
  value?: unknown;
}

export interface StepOpened {
  kind: "step-opened";
  step: Step;
}

export interface StepDelta {
  kind: "step-delta";
  id: string;
  text: string;
  field?: TextField;
}

export interface StepPatched {
  kind: "step-patched";
  id: string;
  set: StepFields;
}

export interface StepClosed {
  kind: "step-closed";
  id: string;
  end: string;
  isError?: boolean;
  set?: StepFields;
}

export interface StepRemoved {
  kind: "step-removed";
  id: string;
}

export interface StepDelivered {
  kind: "step-delivered";
  id: string;
  platform: string;
  ref: string;
  digest: string;
}

export interface LeafMoved {
  kind: "leaf-moved";
  id?: string;
}

export interface ElementPut {
  kind: "element-put";
  element: Element;
}

export interface ElementRemoved {
  kind: "element-removed";
  id: string;
}

export interface ActionPut {
  kind: "action-put";
  action: Action;
}

export interface ActionRemoved {
  kind: "action-removed";
  id: string;
}

export interface AskOpened {
  kind: "ask-opened";
  id: string;
  stepId: string;
  runId: string;
  type: AskType;
  spec?: Record<string, unknown>;
  expiresAt?: string;
  anyone?: boolean;
}

export interface AskClosed {
  kind: "ask-closed";
  id: string;
  outcome: AskOutcome;
  by?: string;
  answer?: unknown;
}

export interface CallOpened {
  kind: "call-opened";
  id: string;
  name: string;
  args?: Record<string, unknown>;
  expiresAt?: string;
  to?: string;
}

export interface CallClosed {
  kind: "call-closed";
  id: string;
  outcome: CallOutcome;
  value?: unknown;
}

export interface ThreadPatched {
  kind: "thread-patched";
  set: ThreadFields;
}

export interface StatePatched {
  kind: "state-patched";
  set: StateFields;
}

export interface SaveProgressed {
  kind: "save-progressed";
  seq: number;
}

export interface SaveFailed {
  kind: "save-failed";
  since: string;
  reason: string;
}

export interface SessionEnded {
  kind: "session-ended";
  reason: string;
}

export interface Toast {
  kind: "toast";
  message: string;
  type?: "error" | "info" | "success" | "warning";
  to?: string;
}

export interface WindowMessage {
  kind: "window-message";
  data?: unknown;
  to?: string;
}

export interface AudioChunk {
  kind: "audio-chunk";
  mime: string;
  track: string;
  data: string;
  to?: string;
}

export interface AudioInterrupted {
  kind: "audio-interrupted";
  to?: string;
}

export interface NoticePosted {
  kind: "notice-posted";
  notice: Notice;
}

export interface NoticeCleared {
  kind: "notice-cleared";
  id: string;
}

/** A thread of the principal is new or changed in the history. */
export interface ThreadListed {
  kind: "thread-listed";
  thread: ThreadInfo;
}

/** A thread of the principal is gone from the history: for good, or with `removal` until it is restored. */
export interface ThreadUnlisted {
  kind: "thread-unlisted";
  id: string;
  removal?: Removal;
}

export interface SendMessage {
  kind: "message";
  id: string;
  content: string;
  files?: string[];
  command?: string;
  modes?: Record<string, string>;
  priorId?: string;
}

export interface EditMessage {
  kind: "edit";
  id: string;
  messageId: string;
  content: string;
}

export interface Regenerate {
  kind: "regenerate";
  id: string;
  messageId: string;
}

export interface ShowBranch {
  kind: "show-branch";
  id: string;
  leafId: string;
}

export interface Stop {
  kind: "stop";
  id: string;
  runId?: string;
}

export interface Dequeue {
  kind: "dequeue";
  id: string;
  runId: string;
}

export interface AnswerAsk {
  kind: "answer";
  id: string;
  askId: string;
  value?: unknown;
}

export interface CancelAsk {
  kind: "cancel-ask";
  id: string;
  askId: string;
}

export interface Act {
  kind: "act";
  id: string;
  actionId: string;
}

export interface ElementUpdate {
  kind: "element-update";
  id: string;
  elementId: string;
  props?: Record<string, unknown>;
}

export interface ElementRemove {
  kind: "element-remove";
  id: string;
  elementId: string;
}

export interface ElementAct {
  kind: "element-act";
  id: string;
  elementId: string;
  name: string;
  payload?: Record<string, unknown>;
}

export interface SetSettings {
  kind: "settings";
  id: string;
  values: Record<string, unknown>;
  live?: boolean;
}

export interface SetFeedback {
  kind: "feedback";
  id: string;
  stepId: string;
  value?: 0 | 1;
  comment?: string;
}

export interface SetFavourite {
  kind: "favourite";
  id: string;
  stepId: string;
  on: boolean;
}

/** Why a page's function failed. */
export interface CallError {
  text: string;
}

export interface CallResult {
  kind: "call-result";
  id: string;
  callId: string;
  value?: unknown;
  error?: CallError;
}

export interface PostWindowMessage {
  kind: "window-message";
  id: string;
  data?: unknown;
}

export interface AudioStart {
  kind: "audio-start";
  id: string;
}

export interface AudioData {
  kind: "audio-chunk";
  id: string;
  index: number;
  bytes: string;
}

export interface AudioEnd {
  kind: "audio-end";
  id: string;
}

export interface McpConnect {
  kind: "mcp-connect";
  id: string;
  name: string;
}

/** Connect an MCP server by its address, where the app lets users do so. `data` of the answer has its `name`. */
export interface McpAdd {
  kind: "mcp-add";
  id: string;
  url: string;
  transport?: "http" | "sse";
}

/** Leave an MCP server; one that the user added is forgotten. */
export interface McpDisconnect {
  kind: "mcp-disconnect";
  id: string;
  name: string;
}

/** Let the app use a tool of an MCP server in this chat, or not. */
export interface McpSwitch {
  kind: "mcp-switch";
  id: string;
  name: string;
  tool: string;
  on: boolean;
}

/** Older turns of a thread that is read by pages: `turns` of them before the message `before`. With `to`, as many more as it takes to have that step too. */
export interface Page {
  kind: "page";
  id: string;
  before: string;
  turns?: number;
  to?: string;
}

export interface Leave {
  kind: "leave";
  id: string;
}

/** A typed error: a code for programs, a text for people that says what to do next. `key` names the text for whoever says it in another language; `details` has what stands in it. */
export interface Failure {
  code: ErrorCode;
  text: string;
  key?: string;
  retryAfter?: number;
  details?: Record<string, unknown>;
}

/** The answer to the command `id`: `ok` and the `seq` at which its effect is visible, or an `error`. */
export interface Answer {
  id: string;
  ok?: boolean;
  seq?: number;
  data?: unknown;
  error?: Failure;
}

/** The fold of a thread's log: what a snapshot carries and a data layer stores. */
export interface State {
  thread: ThreadInfo;
  runs?: RunInfo[];
  steps?: Step[];
  leaf?: string;
  elements?: Element[];
  actions?: Action[];
  asks?: Ask[];
  calls?: Call[];
  deliveries?: Delivery[];
  settings?: Record<string, unknown>;
  commands?: unknown[];
  modes?: unknown[];
  profile?: string;
  sidebar?: Record<string, unknown>;
  usage?: Record<string, unknown>;
  audio?: Record<string, unknown>;
  mcp?: Record<string, McpServer>;
  session?: Record<string, unknown>;
  ended?: string;
  saved?: Saved;
}

/** The fold of a principal's log. */
export interface PrincipalState {
  notices?: Notice[];
  removals?: Removal[];
}

/** Moves a reader of `log` from `start - 1` to `to`. Merged deltas make `events` shorter than the range. */
export interface Batch {
  log: string;
  from: number;
  to: number;
  events: Event[];
  scope?: "principal" | "thread";
}

/** A snapshot of a long thread holds its last turns; with `more`, older ones come by the command `page`. `before` is the oldest message that is loaded, and `place` where it stands in this log. */
export interface Window {
  before: string;
  more?: boolean;
  place?: number;
}

/** The fold up to `to`. With `since`, only the entries touched after it, and the keys removed after it. `removed` goes first: an entry that is in both was removed and put again. With `since` and a `window` it is an older page: its entries stand before all others. */
export interface Snapshot {
  log: string;
  to: number;
  state: State | PrincipalState;
  since?: number;
  removed?: [string, string][];
  window?: Window;
  scope?: "principal" | "thread";
}

/** What the server accepts: sizes in bytes, rates per second, times in seconds. */
export interface Limits {
  messageBytes: number;
  commandsPerSecond: number;
  sessionTimeout: number;
}

/** Who the server thinks is asking. */
export interface PrincipalInfo {
  id: string;
  anonymous?: boolean;
  identifier?: string;
  displayName?: string;
}

/** A link under which others may read a thread: as it was then, or as it grows. */
export interface ShareInfo {
  id: string;
  kind: "live" | "snapshot";
  createdAt: string;
  url: string;
}

/** A connection's first frame, up: what it wants (`session`, `thread`) and where it stands (`log`, `after`). With `turns` it wants at first only so many of a long thread's turns, the last; `place` is where its window begins. With `share` it wants to read what is shared under that id, and nothing else. */
export interface Connect {
  protocol: number;
  client?: "api" | "copilot" | "discord" | "slack" | "teams" | "test" | "web";
  token?: string;
  thread?: string;
  session?: string;
  share?: string;
  log?: string;
  after?: number;
  turns?: number;
  place?: number;
  profile?: string;
  userEnv?: Record<string, string>;
  language?: string;
}

/** A connection's first frame, down. `durable`: a data layer outlives the process, so keep unsaved messages. A viewer has no session: that is empty, and `thread` is the id of the `share`. */
export interface Hello {
  protocol: number;
  session: string;
  thread: string;
  principal: PrincipalInfo;
  limits: Limits;
  connection: string;
  role?: "owner" | "participant" | "viewer";
  share?: ShareInfo;
  app?: string;
  durable?: boolean;
  token?: string;
  time?: string;
}

/** A connection's last frame, down, where it was not the client who ended it: why, as `unauthenticated`. */
export interface Goodbye {
  error: Failure;
}

/** A reader has taken everything up to `to` of `log`. */
export interface Received {
  to: number;
  log?: string;
}

/** `POST api/v1/threads/{id}/messages`, up: the command `message` without its id. */
export interface MessageRequest {
  content: string;
  files?: string[];
  command?: string;
  modes?: Record<string, string>;
  priorId?: string;
}

/** A run and what it has said so far: what the routes of runs answer. */
export interface RunReply {
  run: RunInfo;
  text?: string;
  messages?: Step[];
}

/** A file the server keeps for a thread: what an upload answers. */
export interface FileInfo {
  id: string;
  name: string;
  mime: string;
  bytes: number;
  url: string;
}

/** A first message to choose. */
export interface Starter {
  label: string;
  message: string;
  command?: string;
  icon?: string;
}

/** Starters under one heading. */
export interface Category {
  label: string;
  starters: Starter[];
  icon?: string;
}

/** A way to use the app, chosen before a chat begins. */
export interface Profile {
  name: string;
  displayName?: string;
  description?: string;
  icon?: string;
  default?: boolean;
}

/** A link in the header. */
export interface Link {
  name: string;
  url: string;
  displayName?: string;
  icon?: string;
  target?: "_blank" | "_parent" | "_self" | "_top";
}

/** What files a message may bring. */
export interface Uploads {
  enabled?: boolean;
  accept?: string[];
  maxFiles?: number;
  maxBytes?: number;
}

/** That an app keeps its users' threads, and what searching them looks through. */
export interface HistoryInfo {
  searches?: "messages" | "titles";
}

/** A page of a principal's threads, the latest changed first: `GET api/v1/threads`. */
export interface ThreadList {
  threads: ThreadInfo[];
  cursor?: string;
}

/** A thread that was searched for, and the message that matched; without one, its title did. `marks` are the ranges of `snippet` that matched, in code points. */
export interface Finding {
  thread: ThreadInfo;
  snippet: string;
  marks: [number, number][];
  stepId?: string;
}

/** A page of what was found, the best first: `GET api/v1/threads/search`. */
export interface FindingList {
  findings: Finding[];
  cursor?: string;
}

/** The links of a thread that work, the latest first: `GET api/v1/threads/{id}/shares`. */
export interface ShareList {
  shares: ShareInfo[];
}

/** A message of the principal's that he marked, to say it again. */
export interface FavouriteInfo {
  threadId: string;
  stepId: string;
  text: string;
  createdAt?: string;
}

/** A page of a principal's favourites in all threads, the latest message first: `GET api/v1/favourites`. */
export interface FavouriteList {
  favourites: FavouriteInfo[];
  cursor?: string;
}

/** An MCP server that users of the app may connect their chats to, by its name. */
export interface McpServerInfo {
  name: string;
  description?: string;
}

/** What an app says of itself to one principal: `GET api/v1/app?profile=&language=`. */
export interface AppInfo {
  name: string;
  description?: string;
  profiles?: Profile[];
  starters?: Starter[];
  categories?: Category[];
  links?: Link[];
  uploads?: Uploads;
  audio?: boolean;
  audioRate?: number;
  feedback?: boolean;
  edit?: boolean;
  env?: string[];
  keepEnv?: "browser" | "tab";
  readme?: string;
  confirmNewChat?: boolean;
  favourites?: boolean;
  sharing?: boolean;
  history?: HistoryInfo;
  elements?: Record<string, string>;
  mcp?: McpServerInfo[];
  mcpOwn?: boolean;
  avatars?: Record<string, string>;
}

/** A place elsewhere where users log in; the browser goes to `url`, which is from the app's root, without `/`. */
export interface LoginProvider {
  id: string;
  name: string;
  url: string;
}

/** How to get in, and who is asking: `GET api/v1/auth`. Without `principal`, who asks has to log in. */
export interface AuthInfo {
  required?: boolean;
  password?: boolean;
  providers?: LoginProvider[];
  principal?: PrincipalInfo;
  logout?: boolean;
  tokens?: boolean;
}

/** `POST api/v1/auth/login`, up. */
export interface Credentials {
  username: string;
  password: string;
}

/** Where a user is signed in: a browser, an embedded chat, or a program with a token, which `label` names. */
export interface SignInInfo {
  id: string;
  kind: "browser" | "copilot" | "token";
  label: string;
  createdAt: string;
  seenAt: string;
  expiresAt?: string;
  current?: boolean;
}

/** `GET api/v1/auth/sessions` and `GET api/v1/auth/tokens`, the one seen last first. */
export interface SignInList {
  signIns: SignInInfo[];
}

/** `POST api/v1/auth/tokens`, up: what the token is for, and how many days it works (`None`: until it is ended). */
export interface TokenRequest {
  label: string;
  days?: number;
}

/** A token, shown this once: it goes into `Authorization: Bearer …`, or a socket's `Connect.token`. */
export interface Token {
  token: string;
  id: string;
  expiresAt?: string;
}

export type Event =
  | RunQueued
  | RunStarted
  | RunEnded
  | StepOpened
  | StepDelta
  | StepPatched
  | StepClosed
  | StepRemoved
  | StepDelivered
  | LeafMoved
  | ElementPut
  | ElementRemoved
  | ActionPut
  | ActionRemoved
  | AskOpened
  | AskClosed
  | CallOpened
  | CallClosed
  | ThreadPatched
  | StatePatched
  | SaveProgressed
  | SaveFailed
  | SessionEnded
  | Toast
  | WindowMessage
  | AudioChunk
  | AudioInterrupted
  | NoticePosted
  | NoticeCleared
  | ThreadListed
  | ThreadUnlisted;

export type Command =
  | SendMessage
  | EditMessage
  | Regenerate
  | ShowBranch
  | Stop
  | Dequeue
  | AnswerAsk
  | CancelAsk
  | Act
  | ElementUpdate
  | ElementRemove
  | ElementAct
  | SetSettings
  | SetFeedback
  | SetFavourite
  | CallResult
  | PostWindowMessage
  | AudioStart
  | AudioData
  | AudioEnd
  | McpAdd
  | McpConnect
  | McpDisconnect
  | McpSwitch
  | Page
  | Leave;
