"""Elements: what is shown with a message and is not its text."""

from __future__ import annotations

import asyncio
import io
import logging
import re
from pathlib import Path
from typing import Any, ClassVar, Literal, TypedDict, TypeVar, Unpack

import msgspec

from convo.aio import call_in_thread
from convo.context import context
from convo.errors import DataLayerError
from convo.files import StoredFile, file_url
from convo.protocol import Element as ElementNoun
from convo.protocol import ElementPut, ElementRemoved, encode_event, new_id
from convo.session import Session
from convo.table import MIME as TABLE
from convo.table import encode_table, require_frame

__all__ = [
    "Audio",
    "CustomElement",
    "Dataframe",
    "Element",
    "ElementBased",
    "ElementDict",
    "ElementOptions",
    "File",
    "Image",
    "Pdf",
    "Plotly",
    "Pyplot",
    "Text",
    "Video",
    "elements_of",
    "fetch_all",
    "store_all",
]

logger = logging.getLogger("convo.element")

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_SAFE_URL = re.compile(r"https?://|data:image/", re.IGNORECASE)
_CONTENT = (str, bytes, bytearray, memoryview)

Display = Literal["inline", "side", "page"]
Size = Literal["small", "medium", "large"]


class ElementDict(TypedDict, total=False):
    """An element as a dict."""

    id: str
    threadId: str | None
    type: str
    url: str | None
    name: str
    display: str
    size: str | None
    language: str | None
    page: int | None
    forId: str | None
    mime: str | None
    path: str | None
    props: dict[str, Any] | None
    autoPlay: bool | None
    playerConfig: dict[str, Any] | None
    chainlitKey: str | None  # of data layers of existing apps, like the next
    objectKey: str | None


class ElementOptions(TypedDict, total=False):
    """The arguments that all elements take."""

    url: str | None
    path: str | Path | None
    content: bytes | str | None
    display: Display
    size: Size | None
    language: str | None
    mime: str | None
    for_id: str | None
    id: str | None
    thread_id: str | None


def _check_texts(**texts: object) -> None:
    for what, text in texts.items():
        if not isinstance(text, str):
            raise TypeError(f"`{what}` is a text, not a `{type(text).__name__}`.")


class Element:
    """Something shown with a message: the base of all kinds, which are its subclasses.

    It has one of `content` (`bytes` or `str`), `path` (a file, which is copied) and `url` (where it is on the web).
    `display` says where: `"inline"` below the message, `"side"` or `"page"` behind a link. Its name in the message's
    text becomes that link. Constructing one needs no context; `send`, `update` and `remove` do.
    """

    type: ClassVar[str] = "file"
    default_size: ClassVar[Size | None] = None
    default_mime: ClassVar[str | None] = None
    chainlit_key: str | None = None  # data layers of existing apps look at it, and at the next
    object_key: str | None = None
    _is_restored = False  # from the log, so that its content is kept already

    def __init__(
        self,
        name: str = "",
        *,
        url: str | None = None,
        path: str | Path | None = None,
        content: bytes | str | None = None,
        display: Display = "inline",
        size: Size | None = None,
        language: str | None = None,
        mime: str | None = None,
        for_id: str | None = None,
        id: str | None = None,
        thread_id: str | None = None,
    ) -> None:
        if display not in ("inline", "side", "page"):
            raise ValueError(f"`display` is `inline`, `side` or `page`, not `{display}`.")
        if size not in (None, "small", "medium", "large"):
            raise ValueError(f"`size` is `small`, `medium` or `large`, not `{size}`.")
        if type(name) is not str or url or mime or language:
            _check_texts(name=name, url=url or "", mime=mime or "", language=language or "")
        if content is not None and not isinstance(content, _CONTENT):
            raise TypeError(f"`content` is bytes or a text, not a `{type(content).__name__}`.")
        self.id = id or new_id()
        self.name = name
        self.url = url
        self.path = None if path is None else str(path)
        self.content = content
        self.display: Display = display
        self.size: Size | None = size or self.default_size
        self.language = language
        self.mime = mime or self.default_mime
        self.for_id = for_id
        self.thread_id = thread_id
        self._session: Session | None = None  # set once it is sent
        self._file: StoredFile | None = None
        if not self._is_restored:
            self._check()
            if url is not None and _SCHEME.match(url) and not _SAFE_URL.match(url):
                raise ValueError(
                    f"The `url` of `{type(self).__name__}` begins with `http:`, `https:` or `data:image/`, "
                    f"or is a path of this app as `/public/…`; not `{url[:40]}`. Give bytes as `content`."
                )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r}, id={self.id!r})"

    # --- What kinds differ in ---

    def _check(self) -> None:
        """Raise `ValueError` where it can never be shown: at the author's own line."""
        if self.url is None and self.path is None and self.content is None:
            raise ValueError(f"`{type(self).__name__}` needs one of `content`, `path` and `url`.")

    def _props(self) -> dict[str, Any] | None:
        """What its viewer needs to know besides its content."""
        return None

    def _encode(self) -> bytes | Path | None:
        """Its content, as its viewer reads it; may take long."""
        if isinstance(self.content, str):
            return self.content.encode()
        if self.content is not None:
            return bytes(self.content)
        return None if self.path is None else self._find(Path(self.path))

    def _find(self, path: Path) -> Path:
        """Its `path`, where there is a file. Raises `FileNotFoundError`, `IsADirectoryError`."""
        what = f"The `path` of `{type(self).__name__}` `{self.name}`"
        if path.is_dir():
            raise IsADirectoryError(f"{what} is a folder, not a file: {path.absolute()}")
        if not path.exists():
            raise FileNotFoundError(f"{what} leads nowhere; there is no {path.absolute()}")
        return path

    # --- Sending ---

    async def send(self, for_id: str | None = None, persist: bool = True) -> Element:
        """Show it with the message or step `for_id`. What it holds is kept with the thread."""
        session = context.session
        for_id = for_id or self.for_id
        self._require_step(session, for_id)
        await self._store(session)
        self._put(session, for_id)
        return self

    async def update(self) -> Element:
        """Show it as it is now."""
        if self._session is None:
            raise RuntimeError("`update` needs an element that was sent; `await` its `send()` first.")
        self._file = None if self.content is not None else self._file
        await self._store(self._session)
        self._put(self._session, self.for_id)
        return self

    async def fetch(self) -> str:
        """Its bytes as a file on this machine: its `path`, which may be read, not written, while the chat is open.

        An element of a message that `on_message` gets has its `path` already. Raises `RuntimeError` for one that holds
        no bytes, `NotFoundError` when they are gone, `UnavailableError`.
        """
        if self._session is None or self._file is None:
            raise RuntimeError("`fetch` needs an element that was sent and that holds bytes.")
        self.path = str(await self._session.files.fetch(self._file))
        return self.path

    async def remove(self) -> None:
        """Take it away for all readers."""
        session = self._session or context.session
        session.append(ElementRemoved(id=self.id))
        self._session = None

    async def _store(self, session: Session) -> None:
        """Keep its bytes with the thread. Raises `FileNotFoundError` and its kin, `ValueError`."""
        if self._file is not None or (self.url is not None and self.content is None and self.path is None):
            return
        source = await call_in_thread(self._encode)
        if source is None:
            return
        name = self.name or (source.name if isinstance(source, Path) else "")
        self._file = file = await session.files.put(session.thread_id, source, name=name, mime=self.mime)
        self.mime = file.mime
        self.name = name

    def _put(self, session: Session, for_id: str | None) -> None:
        """Append it to the log."""
        self._require_step(session, for_id)
        self.for_id = for_id
        self.thread_id = session.thread_id
        session.append(ElementPut(element=self._noun()))
        self._session = session

    def _require_step(self, session: Session, for_id: str | None) -> None:
        if for_id is not None and for_id not in session.state.steps:
            raise ValueError(f"There is no message or step `{for_id}` to show `{self.name}` with.")

    def _noun(self) -> ElementNoun:
        file = self._file
        return ElementNoun(
            id=self.id,
            type=self.type,
            name=self.name,
            for_id=self.for_id,
            display=self.display,
            url=self.url if file is None else file_url(file.thread_id, file.id),
            mime=self.mime,
            bytes=None if file is None else file.bytes,
            size=self.size,
            language=self.language,
            props=self._props(),
        )

    def to_dict(self) -> ElementDict:
        """As a dict, in the shape of `ElementDict`."""
        noun = self._noun()
        return ElementDict(
            id=self.id,
            threadId=self.thread_id,
            type=self.type,
            url=noun.url,
            name=self.name,
            display=self.display,
            size=self.size,
            language=self.language,
            forId=self.for_id,
            mime=self.mime,
            props=noun.props,
            page=getattr(self, "page", None),
            autoPlay=getattr(self, "auto_play", None),
            playerConfig=getattr(self, "player_config", None),
            chainlitKey=self.chainlit_key,
            objectKey=self.object_key,
        )

    @staticmethod
    def of_noun(noun: ElementNoun, session: Session, file: StoredFile | None = None) -> Element:
        """The element that the log knows as `noun`; with `file`, its bytes are at its `path` once it was fetched."""
        element = Element.of_stored(noun, session.thread_id, file)
        element._session = session
        return element

    @staticmethod
    def of_stored(noun: ElementNoun, thread_id: str, file: StoredFile | None = None) -> Element:
        """The same of a thread that need not be live."""
        kind = _KINDS.get(noun.type, File)
        element = kind.__new__(kind)
        element._is_restored = True
        Element.__init__(
            element,
            noun.name,
            url=noun.url,
            path=file.path if file is not None and file.path.exists() else None,
            display=noun.display,
            size=noun.size,
            language=noun.language,
            mime=noun.mime,
            for_id=noun.for_id,
            id=noun.id,
            thread_id=thread_id,
        )
        element._restore(noun.props or {})
        element._file = file
        return element

    def _restore(self, props: dict[str, Any]) -> None:
        """Take over what `_props` gave."""


ElementBased = TypeVar("ElementBased", bound=Element)
"""Any kind of element, as existing apps write it."""


class Image(Element):
    """A picture. Several inline ones make a grid."""

    type = "image"
    default_size = "medium"


class Text(Element):
    """A text of its own, as Markdown or, with a `language`, as code."""

    type = "text"
    default_mime = "text/plain"


class Pdf(Element):
    """A PDF; `page` is the one to begin with."""

    type = "pdf"
    default_mime = "application/pdf"

    def __init__(self, name: str = "", *, page: int | None = None, **options: Unpack[ElementOptions]) -> None:
        self.page = page
        super().__init__(name, **options)

    def _check(self) -> None:
        super()._check()
        page: Any = self.page
        if page is not None and (not isinstance(page, int) or page < 1):
            raise ValueError(f"`page` is a number from 1, not `{page!r}`.")

    def _props(self) -> dict[str, Any] | None:
        return None if self.page is None else {"page": self.page}

    def _restore(self, props: dict[str, Any]) -> None:
        self.page = props.get("page")


class Audio(Element):
    """A sound. `auto_play` asks the browser to start it, which may refuse."""

    type = "audio"

    def __init__(self, name: str = "", *, auto_play: bool = False, **options: Unpack[ElementOptions]) -> None:
        self.auto_play = auto_play
        super().__init__(name, **options)

    def _props(self) -> dict[str, Any] | None:
        return {"autoPlay": True} if self.auto_play else None

    def _restore(self, props: dict[str, Any]) -> None:
        self.auto_play = bool(props.get("autoPlay"))


class Video(Element):
    """A film: a file, or the address of one on a video host."""

    type = "video"
    default_size = "medium"

    def __init__(
        self, name: str = "", *, player_config: dict[str, Any] | None = None, **options: Unpack[ElementOptions]
    ) -> None:
        self.player_config = player_config
        super().__init__(name, **options)

    def _props(self) -> dict[str, Any] | None:
        return None if self.player_config is None else {"playerConfig": self.player_config}

    def _restore(self, props: dict[str, Any]) -> None:
        self.player_config = props.get("playerConfig")


class File(Element):
    """A file to download."""


class Plotly(Element):
    """A figure of Plotly."""

    type = "plotly"
    default_size = "medium"
    default_mime = "application/json"

    def __init__(self, name: str = "", *, figure: Any = None, **options: Unpack[ElementOptions]) -> None:
        self.figure = figure
        super().__init__(name, **options)

    def _check(self) -> None:
        if not callable(getattr(self.figure, "to_json", None)):
            raise TypeError("`Plotly` needs a `figure` of Plotly.")

    def _encode(self) -> bytes | Path | None:
        return str(self.figure.to_json()).encode()

    def _restore(self, props: dict[str, Any]) -> None:
        self.figure = None


class Pyplot(Element):
    """A figure of Matplotlib, shown as a picture; without one, the current one."""

    type = "image"
    default_size = "medium"
    default_mime = "image/png"

    def __init__(self, name: str = "", *, figure: Any = None, **options: Unpack[ElementOptions]) -> None:
        if figure is None:
            import matplotlib.pyplot as plt  # type: ignore[import-not-found,unused-ignore]  # the author's package

            figure = plt.gcf()
        self.figure = figure
        super().__init__(name, **options)

    def _check(self) -> None:
        if not callable(getattr(self.figure, "savefig", None)):
            raise TypeError("`Pyplot` needs a `figure` of Matplotlib.")

    def _encode(self) -> bytes | Path | None:
        out = io.BytesIO()
        self.figure.savefig(out, dpi=200, bbox_inches="tight", format="png")
        return out.getvalue()


class Dataframe(Element):
    """A table of pandas or polars, to sort, filter and save."""

    type = "dataframe"
    default_size = "large"
    default_mime = TABLE

    def __init__(self, name: str = "", *, data: Any = None, **options: Unpack[ElementOptions]) -> None:
        self.data = data
        super().__init__(name, **options)

    def _check(self) -> None:
        require_frame(self.data)

    def _encode(self) -> bytes | Path | None:
        return encode_table(self.data)

    def _restore(self, props: dict[str, Any]) -> None:
        self.data = None


class CustomElement(Element):
    """A component of the author's own, in `public/elements/<name>.jsx`. `props` are what it is given."""

    type = "custom"

    def __init__(
        self, name: str = "", *, props: dict[str, Any] | None = None, **options: Unpack[ElementOptions]
    ) -> None:
        self.props: dict[str, Any] = props or {}
        super().__init__(name, **options)

    def _check(self) -> None:
        if not self.name:
            raise ValueError("`CustomElement` needs the `name` of its component.")
        if not isinstance(self.props, dict):
            raise TypeError(f"The `props` of `{self.name}` are a dict, not a `{type(self.props).__name__}`.")
        _require_json(self.props, f"The `props` of `{self.name}`")

    def _encode(self) -> bytes | Path | None:
        return None

    def _props(self) -> dict[str, Any] | None:
        _require_json(self.props, f"The `props` of `{self.name}`")
        return msgspec.to_builtins(self.props)  # type: ignore[no-any-return]  # a copy: what was sent stays as it was

    def _restore(self, props: dict[str, Any]) -> None:
        self.props = props


_KINDS: dict[str, type[Element]] = {
    kind.type: kind for kind in (File, Image, Text, Pdf, Audio, Video, Plotly, Dataframe, CustomElement)
}


def elements_of(session: Session, step_id: str) -> list[Element]:
    """The elements shown with a message; those whose files are on this machine have their `path`."""
    nouns = [noun for noun in session.state.elements.values() if noun.for_id == step_id]
    return [Element.of_noun(noun, session, _file_of(noun, session)) for noun in nouns]


def _file_of(noun: ElementNoun, session: Session) -> StoredFile | None:
    return session.files.at(noun.url, name=noun.name, mime=noun.mime, bytes=noun.bytes)


async def fetch_all(elements: list[Element]) -> None:
    """Give all of them their `path`. One whose file cannot be had goes without; the log says why."""

    async def fetch(element: Element) -> None:
        try:
            await element.fetch()
        except DataLayerError as error:
            logger.warning("The file of the element `%s` (`%s`) cannot be had: %s", element.name, element.id, error)

    await asyncio.gather(*(fetch(element) for element in elements if element._file is not None))


async def store_all(session: Session, elements: list[Element]) -> None:
    """Keep the bytes of all of them, side by side."""
    for element in elements:
        if not isinstance(element, Element):
            raise TypeError(f"`elements` holds a `{type(element).__name__}`, which is no element.")
    await asyncio.gather(*(element._store(session) for element in elements))
    for element in elements:
        encode_event(ElementPut(element=element._noun()))  # what is wrong with one is told before any is shown


def _require_json(value: Any, what: str) -> None:
    try:
        msgspec.json.encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"{what} must be what JSON can hold: {error}.") from error
