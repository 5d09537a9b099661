"""Frames: what a connection opens with, what moves a reader, and what an app says of itself."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from convo.protocol.commands import Failure
from convo.protocol.events import Event
from convo.protocol.nouns import (
    Action,
    Ask,
    Call,
    Delivery,
    Element,
    McpServer,
    Notice,
    Removal,
    RunInfo,
    Saved,
    Step,
    ThreadInfo,
)
from convo.protocol.wire import Json, WireStruct

__all__ = [
    "AppInfo",
    "Batch",
    "Category",
    "Connect",
    "FavouriteInfo",
    "FavouriteList",
    "FileInfo",
    "Finding",
    "FindingList",
    "Goodbye",
    "Hello",
    "HistoryInfo",
    "Limits",
    "Link",
    "McpServerInfo",
    "MessageRequest",
    "PrincipalInfo",
    "PrincipalState",
    "Profile",
    "Received",
    "RunReply",
    "ShareInfo",
    "ShareList",
    "Snapshot",
    "Starter",
    "State",
    "ThreadList",
    "Uploads",
    "Window",
]


class State(WireStruct, frozen=True):
    """The fold of a thread's log: what a snapshot carries and a data layer stores."""

    thread: ThreadInfo
    runs: list[RunInfo] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    leaf: str | None = None
    elements: list[Element] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    settings: dict[str, Json] | None = None
    commands: list[Json] | None = None
    modes: list[Json] | None = None
    profile: str | None = None
    sidebar: dict[str, Json] | None = None
    usage: dict[str, Json] | None = None
    audio: dict[str, Json] | None = None
    mcp: dict[str, McpServer] | None = None
    session: dict[str, Json] | None = None  # for the Recorder alone
    ended: str | None = None  # reason of `session-ended`
    saved: Saved = field(default_factory=Saved)


class PrincipalState(WireStruct, frozen=True):
    """The fold of a principal's log."""

    notices: list[Notice] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)


class Batch(WireStruct, frozen=True):
    """Moves a reader of `log` from `start - 1` to `to`. Merged deltas make `events` shorter than the range."""

    log: str
    start: int = field(name="from")
    to: int
    events: list[Event]
    scope: Literal["thread", "principal"] = "thread"


class Window(WireStruct, frozen=True):
    """A snapshot of a long thread holds its last turns; with `more`, older ones come by the command `page`.

    `before` is the oldest message that is loaded, and `place` where it stands in this log.
    """

    before: str
    more: bool = False
    place: int = 0


class Snapshot(WireStruct, frozen=True):
    """The fold up to `to`. With `since`, only the entries touched after it, and the keys removed after it.

    `removed` goes first: an entry that is in both was removed and put again. With `since` and a `window` it is an older
    page: its entries stand before all others.
    """

    log: str
    to: int
    state: Json  # a `State`; a `PrincipalState` where `scope` says so
    since: int | None = None
    removed: list[tuple[str, str]] = field(default_factory=list)  # (collection, id)
    window: Window | None = None
    scope: Literal["thread", "principal"] = "thread"


class Limits(WireStruct, frozen=True):
    """What the server accepts: sizes in bytes, rates per second, times in seconds."""

    message_bytes: int
    commands_per_second: float
    session_timeout: float


class PrincipalInfo(WireStruct, frozen=True):
    """Who the server thinks is asking."""

    id: str
    anonymous: bool = True
    identifier: str | None = None
    display_name: str | None = None


class ShareInfo(WireStruct, frozen=True):
    """A link under which others may read a thread: as it was then, or as it grows."""

    id: str
    kind: Literal["snapshot", "live"]
    created_at: str
    url: str  # of the page, from the app's root, without `/`


class Connect(WireStruct, frozen=True):
    """A connection's first frame, up: what it wants (`session`, `thread`) and where it stands (`log`, `after`).

    With `turns` it wants at first only so many of a long thread's turns, the last; `place` is where its window begins.
    With `share` it wants to read what is shared under that id, and nothing else.
    """

    protocol: int
    client: Literal["web", "copilot", "api", "slack", "discord", "teams", "test"] = "web"
    token: str | None = None
    thread: str | None = None
    session: str | None = None
    share: str | None = None
    log: str | None = None
    after: int = 0
    turns: int | None = None
    place: int | None = None
    profile: str | None = None
    user_env: dict[str, str] = field(default_factory=dict)
    language: str | None = None


class Hello(WireStruct, frozen=True):
    """A connection's first frame, down. `durable`: a data layer outlives the process, so keep unsaved messages.

    A viewer has no session: that is empty, and `thread` is the id of the `share`.
    """

    protocol: int
    session: str
    thread: str
    principal: PrincipalInfo
    limits: Limits
    connection: str
    role: Literal["owner", "participant", "viewer"] = "owner"
    share: ShareInfo | None = None
    app: str = "convo"
    durable: bool = False
    token: str | None = None
    time: str | None = None  # the server's clock, for countdowns


class Goodbye(WireStruct, frozen=True):
    """A connection's last frame, down, where it was not the client who ended it: why, as `unauthenticated`."""

    error: Failure


class Received(WireStruct, frozen=True):
    """A reader has taken everything up to `to` of `log`."""

    to: int
    log: str | None = None


class MessageRequest(WireStruct, frozen=True):
    """`POST api/v1/threads/{id}/messages`, up: the command `message` without its id."""

    content: str
    files: list[str] = field(default_factory=list)
    command: str | None = None
    modes: dict[str, str] | None = None
    prior_id: str | None = None


class RunReply(WireStruct, frozen=True):
    """A run and what it has said so far: what the routes of runs answer."""

    run: RunInfo
    text: str = ""  # of all its messages, with an empty line between them
    messages: list[Step] = field(default_factory=list)


class FileInfo(WireStruct, frozen=True):
    """A file the server keeps for a thread: what an upload answers."""

    id: str
    name: str
    mime: str
    bytes: int
    url: str  # from the app's root, without `/`


class Starter(WireStruct, frozen=True):
    """A first message to choose."""

    label: str
    message: str
    command: str | None = None
    icon: str | None = None


class Category(WireStruct, frozen=True):
    """Starters under one heading."""

    label: str
    starters: list[Starter]
    icon: str | None = None


class Profile(WireStruct, frozen=True):
    """A way to use the app, chosen before a chat begins."""

    name: str
    display_name: str | None = None
    description: str = ""  # Markdown
    icon: str | None = None
    default: bool = False


class Link(WireStruct, frozen=True):
    """A link in the header."""

    name: str
    url: str
    display_name: str | None = None
    icon: str | None = None
    target: Literal["_blank", "_self", "_parent", "_top"] = "_blank"


class Uploads(WireStruct, frozen=True):
    """What files a message may bring."""

    enabled: bool = True
    accept: list[str] = field(default_factory=list)  # MIME types, `image/*` or `.ending`; empty: all
    max_files: int = 20
    max_bytes: int = 0


class HistoryInfo(WireStruct, frozen=True):
    """That an app keeps its users' threads, and what searching them looks through."""

    searches: Literal["messages", "titles"] = "titles"


class ThreadList(WireStruct, frozen=True):
    """A page of a principal's threads, the latest changed first: `GET api/v1/threads`."""

    threads: list[ThreadInfo]
    cursor: str | None = None  # of the next page; absent on the last one


class Finding(WireStruct, frozen=True):
    """A thread that was searched for, and the message that matched; without one, its title did.

    `marks` are the ranges of `snippet` that matched, in code points.
    """

    thread: ThreadInfo
    snippet: str
    marks: list[tuple[int, int]]
    step_id: str | None = None


class FindingList(WireStruct, frozen=True):
    """A page of what was found, the best first: `GET api/v1/threads/search`."""

    findings: list[Finding]
    cursor: str | None = None


class ShareList(WireStruct, frozen=True):
    """The links of a thread that work, the latest first: `GET api/v1/threads/{id}/shares`."""

    shares: list[ShareInfo]


class FavouriteInfo(WireStruct, frozen=True):
    """A message of the principal's that he marked, to say it again."""

    thread_id: str
    step_id: str
    text: str
    created_at: str | None = None


class FavouriteList(WireStruct, frozen=True):
    """A page of a principal's favourites in all threads, the latest message first: `GET api/v1/favourites`."""

    favourites: list[FavouriteInfo]
    cursor: str | None = None


class McpServerInfo(WireStruct, frozen=True):
    """An MCP server that users of the app may connect their chats to, by its name."""

    name: str
    description: str = ""


class AppInfo(WireStruct, frozen=True):
    """What an app says of itself to one principal: `GET api/v1/app?profile=&language=`."""

    name: str
    description: str = ""
    profiles: list[Profile] = field(default_factory=list)
    starters: list[Starter] = field(default_factory=list)
    categories: list[Category] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    uploads: Uploads = field(default_factory=Uploads)
    audio: bool = False
    audio_rate: int = 24000  # samples a second
    feedback: bool = True
    edit: bool = True
    env: list[str] = field(default_factory=list)  # the keys each user is asked for
    keep_env: Literal["tab", "browser"] = "tab"  # how long a browser keeps them
    readme: str | None = None  # Markdown
    confirm_new_chat: bool = True
    favourites: bool = False
    sharing: bool = False
    history: HistoryInfo | None = None  # absent: this visitor's threads are not kept
    elements: dict[str, str] = field(default_factory=dict)  # custom elements: name to version
    mcp: list[McpServerInfo] = field(default_factory=list)
    mcp_own: bool = False  # whether users may add MCP servers by their address
    avatars: dict[str, str] = field(default_factory=dict)  # of authors: key to address, from the app's root
