"""The inbox: what Slack tells, brought to the conversation it belongs to."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from convo.bridge import Author, Place
from convo.errors import PlatformBusyError, PlatformDeniedError, PlatformError, PlatformGoneError
from convo.protocol import CommandError

from convo_slack.calls import slack_call
from convo_slack.convert import answer_form, form_answer, home_view, mentioned, plain, said_in
from convo_slack.workspaces import NotInstalledError, Workspace

if TYPE_CHECKING:
    from convo_slack.bridge import SlackBridge

__all__ = ["Inbox"]

logger = logging.getLogger("convo.slack")

Payload = Mapping[str, Any]

_SAID = frozenset({None, "bot_message", "file_share", "me_message", "thread_broadcast"})
"""The kinds of messages that somebody has written."""
_STARTER = "convo_starter_"
_ACK_SECONDS = 2.5
"""Slack waits three for an acknowledgement."""
_REMEMBERED = 10_000
_PROMPTS = 4
_HISTORY = 30


class Inbox:
    """Takes what comes, from wherever. What belongs to one channel is done in its order."""

    def __init__(self, bridge: SlackBridge) -> None:
        self._bridge = bridge
        self._tasks: set[asyncio.Task[bool]] = set()
        self._order: dict[str, asyncio.Lock] = {}
        self._titled: dict[str, None] = {}

    async def receive(self, kind: str, payload: Payload) -> bool:
        """Do what a payload asks for; false if Slack shall send it again. Never takes longer than Slack waits."""
        task = asyncio.create_task(self._handle(kind, payload), name="convo-slack-event")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        done, _ = await asyncio.wait({task}, timeout=_ACK_SECONDS)
        return task.result() if done else True

    async def close(self) -> None:
        """Nothing is handled any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _handle(self, kind: str, payload: Payload) -> bool:
        try:
            match kind:
                case "events_api":
                    await self._event(payload)
                case "interactive":
                    await self._interaction(payload)
                case "slash_commands":
                    await self._command(payload)
        except NotInstalledError as error:
            logger.info("An event is left out: %s", error)
        except PlatformBusyError as error:
            logger.info("An event of Slack's shall come again: %s", error)
            return False
        except PlatformDeniedError as error:
            if self._bridge.settings.client_id is None:
                self._bridge.deny(error)
        except PlatformError as error:
            logger.warning("An event of Slack's could not be handled: %s", error)
        except CommandError as error:
            logger.info("An event of Slack's was refused: %s", error)
        except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
            logger.warning("A payload of Slack's was not understood (%s): %r", payload.get("type"), error)
            logger.debug("It was not understood", exc_info=error)
        return True

    # --- Events ---

    async def _event(self, payload: Payload) -> None:
        event: Payload = payload["event"]
        about: Payload = next(iter(payload.get("authorizations") or ()), {})
        team = about.get("team_id") or payload.get("team_id") or ""
        enterprise = about.get("enterprise_id") or payload.get("enterprise_id")
        kind = event.get("type")
        if kind in ("app_uninstalled", "tokens_revoked"):
            if kind == "app_uninstalled" or (event.get("tokens") or {}).get("bot"):
                await self._bridge.workspaces.remove(team, enterprise)
            return
        handler: Callable[[Workspace, Payload], Awaitable[None]] | None = {
            "app_mention": self._message,
            "message": self._message,
            "reaction_added": self._reaction,
            "app_home_opened": self._home,
            "assistant_thread_started": self._assistant,
        }.get(str(kind))
        if handler is None:
            logger.debug("Slack tells of `%s`, which says nothing here", kind)
            return
        workspace = await self._bridge.workspaces.get(team, enterprise)
        item: Payload = event.get("item") or {}
        async with self._in_order(f"{team}:{event.get('channel') or item.get('channel') or event.get('user')}"):
            await handler(workspace, event)

    async def _message(self, workspace: Workspace, event: Payload) -> None:
        subtype = event.get("subtype")
        if subtype == "message_changed":
            await self._changed(workspace, event)
            return
        if subtype not in _SAID or not self._is_for_us(workspace, event):
            return
        place = _place(workspace, event["channel"], event.get("thread_ts"), event["ts"], event.get("user"))
        author = await self._author(workspace, event)
        is_named = event["type"] == "app_mention" or workspace.user_id in mentioned(event.get("text") or "")
        if not _is_direct(event) and not is_named and not await self._is_awaited(place, author):
            return
        await self._mark(workspace, event)
        files, others = await self._bridge.files.incoming(workspace, list(event.get("files") or ()))
        text = "\n".join([await self._plain(workspace, said_in(event)), *others]).strip()
        self._read_by(place, event.get("user"))
        if not text and not files:  # it was named, and no more: then it may say what it says first
            await self._bridge.enter(place, author)
            return
        answer = await self._bridge.say(
            place,
            author,
            _event_id(workspace, event["channel"], event["ts"]),
            text,
            files=files,
            values=self._values(workspace, event),
        )
        if answer.ok:
            await self._title(workspace, place, text)

    def _is_for_us(self, workspace: Workspace, event: Payload) -> bool:
        """Whether a message may be answered: never one of our own, and one of a bot where a setting says so."""
        is_own = event.get("user") == workspace.user_id or (
            bool(workspace.bot_id) and event.get("bot_id") == workspace.bot_id
        )
        is_bots = bool(event.get("bot_id")) or event.get("subtype") == "bot_message"
        return not is_own and (not is_bots or self._bridge.settings.answer_bots)

    async def _is_awaited(self, place: Place, author: Author) -> bool:
        """Whether a message that does not name the app is for it all the same: in a thread that it takes part in."""
        return await self._bridge.awaits(place, author, any_message=self._bridge.settings.thread_replies == "all")

    async def _author(self, workspace: Workspace, event: Payload) -> Author:
        user = event.get("user")
        if user:
            return await workspace.author(str(user))
        bot = str(event.get("bot_id") or "bot")
        profile: Payload = event.get("bot_profile") or {}
        name = event.get("username") or profile.get("name") or bot
        return Author(f"{workspace.team_id}:{bot}", str(name), profile={"slack_id": bot, "is_bot": True})

    async def _changed(self, workspace: Workspace, event: Payload) -> None:
        """Somebody changed what he said. Slack tells of links that it unfolds in the same way."""
        message, before = event["message"], event.get("previous_message") or {}
        if (
            message.get("text") == before.get("text")
            or not message.get("user")
            or not self._is_for_us(workspace, message)
        ):
            return
        place = _place(workspace, event["channel"], message.get("thread_ts"), message["ts"], message["user"])
        was_named, is_named = (workspace.user_id in mentioned(str(one.get("text"))) for one in (before, message))
        if is_named and not was_named and not _is_direct(event):
            await self._message(workspace, {**message, "type": "app_mention", "channel": event["channel"]})
            return
        if not (_is_direct(event) or is_named):
            return
        edited = (message.get("edited") or {}).get("ts") or event.get("event_ts")
        await self._bridge.revise(
            place,
            await workspace.author(message["user"]),
            f"{_event_id(workspace, event['channel'], message['ts'])}:{edited}",
            _event_id(workspace, event["channel"], message["ts"]),
            await self._plain(workspace, str(message.get("text") or "")),
        )

    async def _reaction(self, workspace: Workspace, event: Payload) -> None:
        item = event["item"]
        is_ours = event.get("item_user") in (None, workspace.user_id)
        if item.get("type") != "message" or event.get("user") == workspace.user_id or not is_ours:
            return
        thread_ts = await self._thread_of(workspace, item["channel"], item["ts"])
        place = _place(workspace, item["channel"], thread_ts, item["ts"], event["user"])
        author = await workspace.author(event["user"])
        await self._bridge.notify(place, author, "on_slack_reaction_added", dict(event))

    async def _thread_of(self, workspace: Workspace, channel: str, ts: str) -> str | None:
        """The thread of a message, of which a reaction says nothing."""
        with slack_call("conversations.replies"):
            page = await workspace.client.conversations_replies(channel=channel, ts=ts, limit=1)
        return next((one.get("thread_ts") for one in page.get("messages") or ()), None)

    async def _assistant(self, workspace: Workspace, event: Payload) -> None:
        """Somebody opened the app beside his chats: it says what can be asked, and what it says first."""
        thread = event["assistant_thread"]
        channel, ts, user = thread["channel_id"], thread["thread_ts"], thread["user_id"]
        author = await workspace.author(user)
        info = await self._bridge.info(author.language)
        prompts = [{"title": one.label, "message": one.message} for one in info.starters[:_PROMPTS]]
        if prompts:
            with slack_call("assistant.threads.setSuggestedPrompts"):
                await workspace.client.assistant_threads_setSuggestedPrompts(
                    channel_id=channel, thread_ts=ts, prompts=prompts
                )
        place = _place(workspace, channel, ts, ts, user)
        self._read_by(place, user)
        await self._bridge.enter(place, author)

    async def _home(self, workspace: Workspace, event: Payload) -> None:
        if event.get("tab") != "home" or not self._bridge.settings.home:
            return
        author = await workspace.author(event["user"])
        info = await self._bridge.info(author.language)
        starters = [(one.label, one.message) for one in info.starters]
        view = home_view(info.name, info.description or info.readme or "", starters)
        with slack_call("views.publish"):
            await workspace.client.views_publish(user_id=event["user"], view=view)

    # --- What is pressed and sent ---

    async def _interaction(self, payload: Payload) -> None:
        user: Payload = payload["user"]
        team = (payload.get("team") or {}).get("id") or user.get("team_id") or ""
        workspace = await self._bridge.workspaces.get(team, (payload.get("enterprise") or {}).get("id"))
        author = await workspace.author(user["id"])
        match payload.get("type"):
            case "block_actions":
                await self._pressed(workspace, author, payload)
            case "view_submission":
                await self._sent(author, payload)
            case "message_action":
                await self._on_message(workspace, author, payload)
            case "shortcut":
                await self._on_shortcut(workspace, payload)

    async def _pressed(self, workspace: Workspace, author: Author, payload: Payload) -> None:
        action, user = payload["actions"][0], payload["user"]["id"]
        value, event_id = str(action.get("value") or ""), f"{action.get('action_ts')}:{user}:{action.get('action_id')}"
        if str(action.get("action_id")).startswith(_STARTER):
            await self._say_directly(workspace, author, user, event_id, value)
            return
        container: Payload = payload.get("container") or {}
        channel = container.get("channel_id") or (payload.get("channel") or {}).get("id")
        if not value or not channel:
            return  # a link, or a form's own
        thread_ts = container.get("thread_ts") or (payload.get("message") or {}).get("thread_ts")
        place = _place(workspace, channel, thread_ts, container["message_ts"], user)
        self._read_by(place, user)
        if value.startswith("reply:"):
            question = str((payload.get("message") or {}).get("text") or "")
            note = msgspec.json.encode({"place": place, "key": value}).decode()
            form = answer_form("Reply", plain(question, {})[:150] or "Reply", note)
            with slack_call("views.open"):
                await workspace.client.views_open(trigger_id=payload["trigger_id"], view=form)
            return
        async with self._in_order(f"{workspace.team_id}:{channel}"):
            await self._bridge.press(place, author, event_id, value)

    async def _sent(self, author: Author, payload: Payload) -> None:
        """A form of ours. Its note says what it is for, and nobody but Slack could have changed that."""
        found = form_answer(payload["view"])
        if found is None:
            return
        note, text = json.loads(found[0]), found[1]
        place = msgspec.convert(note["place"], Place)
        event_id = f"view:{payload['view'].get('id')}"
        async with self._in_order(f"{place.path[0]}:{place.path[1]}"):
            if note["key"] == "say":
                await self._bridge.say(place, author, event_id, text, command=note.get("command"))
            else:
                await self._bridge.press(place, author, event_id, note["key"], text)

    async def _on_message(self, workspace: Workspace, author: Author, payload: Payload) -> None:
        """A shortcut of a message: it is said in its thread, by who chose the shortcut."""
        message, channel = payload["message"], payload["channel"]["id"]
        place = _place(workspace, channel, message.get("thread_ts"), message["ts"], payload["user"]["id"])
        self._read_by(place, payload["user"]["id"])
        text = await self._plain(workspace, said_in(message))
        async with self._in_order(f"{workspace.team_id}:{channel}"):
            command = await self._bridge.offered(place, author, str(payload.get("callback_id") or ""))
            await self._bridge.say(place, author, f"{payload['trigger_id']}", text, command=command)

    async def _on_shortcut(self, workspace: Workspace, payload: Payload) -> None:
        """A shortcut of no message: it asks for the text, which is said to the app directly."""
        user = payload["user"]["id"]
        place = _place(workspace, await self._direct_channel(workspace, user), None, None, user)
        name = str(payload.get("callback_id") or "")
        author = await workspace.author(user)
        command = await self._bridge.offered(place, author, name)
        note = msgspec.json.encode({"place": place, "key": "say", "command": command}).decode()
        info = await self._bridge.info()
        with slack_call("views.open"):
            await workspace.client.views_open(
                trigger_id=payload["trigger_id"], view=answer_form(info.name, "Message", note)
            )

    async def _command(self, payload: Payload) -> None:
        """A slash command. It is said in a new thread, below a line that shows what was asked; or directly."""
        workspace = await self._bridge.workspaces.get(payload["team_id"], payload.get("enterprise_id"))
        channel, user = payload["channel_id"], payload["user_id"]
        author = await workspace.author(user)
        text = await self._plain(workspace, payload.get("text") or "")
        async with self._in_order(f"{workspace.team_id}:{channel}"):
            ts = None
            if not channel.startswith("D"):
                try:
                    ts = await self._announce(workspace, channel, author, payload)
                except PlatformGoneError:
                    await self._respond(payload, "Invite me to this channel first, or write to me directly.")
                    return
            place = _place(workspace, channel, ts, None, user)
            self._read_by(place, user)
            name = str(payload["command"]).removeprefix("/")
            command = await self._bridge.offered(place, author, name)
            values = self._values(workspace, {**payload, "channel": channel, "user": user})
            await self._bridge.say(place, author, str(payload["trigger_id"]), text, command=command, values=values)

    async def _announce(self, workspace: Workspace, channel: str, author: Author, payload: Payload) -> str:
        said = f"{author.name}: {payload['command']} {payload.get('text') or ''}".strip()
        block = {"type": "context", "elements": [{"type": "plain_text", "text": said[:2000], "emoji": True}]}
        with slack_call("chat.postMessage"):
            answer = await workspace.client.chat_postMessage(channel=channel, text="…", blocks=[block])
        return str(answer["ts"])

    async def _respond(self, payload: Payload, text: str) -> None:
        """Tell who gave a command, where the app may not post."""
        url = str(payload.get("response_url") or "")
        if self._bridge.files.is_slacks(url):
            with slack_call("response_url"):
                async with self._bridge.workspaces.session.post(url, json={"response_type": "ephemeral", "text": text}):
                    return

    async def _say_directly(self, workspace: Workspace, author: Author, user: str, event_id: str, text: str) -> None:
        """Send a starter from the home page, where nobody sees it said: so it is shown first."""
        channel = await self._direct_channel(workspace, user)
        place = _place(workspace, channel, None, None, user)
        async with self._in_order(f"{workspace.team_id}:{channel}"):
            block = {"type": "context", "elements": [{"type": "plain_text", "text": f"{author.name}: {text}"[:2000]}]}
            with slack_call("chat.postMessage"):
                await workspace.client.chat_postMessage(channel=channel, text="…", blocks=[block])
            await self._bridge.say(place, author, event_id, text)

    async def _direct_channel(self, workspace: Workspace, user: str) -> str:
        with slack_call("conversations.open"):
            answer = await workspace.client.conversations_open(users=user)
        return str(answer["channel"]["id"])

    # --- What comes with it ---

    async def _plain(self, workspace: Workspace, text: str) -> str:
        names = await workspace.names(mentioned(text) - {workspace.user_id})
        return plain(text, names, workspace.user_id)

    async def _mark(self, workspace: Workspace, event: Payload) -> None:
        """Show that a message was received."""
        if not self._bridge.settings.reaction_on_message_received:
            return
        try:
            with slack_call("reactions.add"):
                await workspace.client.reactions_add(
                    channel=event["channel"], timestamp=event["ts"], name=self._bridge.settings.received_reaction
                )
        except PlatformError as error:
            logger.debug("A message is not marked: %s", error)  # as a message that is marked already

    async def _title(self, workspace: Workspace, place: Place, text: str) -> None:
        """Name a thread with the assistant after what is asked first."""
        thread_ts = place.address.get("thread_ts")
        if thread_ts is None or not str(place.address["channel"]).startswith("D") or place.key in self._titled:
            return
        _remember(self._titled, place.key, None)
        try:
            with slack_call("assistant.threads.setTitle"):
                await workspace.client.assistant_threads_setTitle(
                    channel_id=place.address["channel"], thread_ts=thread_ts, title=" ".join(text.split())[:80] or "…"
                )
        except PlatformError as error:
            logger.debug("A thread gets no title: %s", error)  # as one that is none with the assistant

    def _values(self, workspace: Workspace, event: Payload) -> dict[str, Any]:
        """What callbacks find in the `user_session`."""
        fetch = partial(_history, workspace, str(event["channel"]), event.get("thread_ts"))
        return {"slack_event": dict(event), "fetch_slack_message_history": fetch}

    def _read_by(self, place: Place, user: str | None) -> None:
        if user:
            _remember(self._bridge.readers, place.key, user)

    @asynccontextmanager
    async def _in_order(self, key: str) -> AsyncIterator[None]:
        """One after another, as they came."""
        lock = self._order.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                yield
        finally:
            if not lock.locked() and not getattr(lock, "_waiters", None):
                self._order.pop(key, None)


def _place(workspace: Workspace, channel: str, thread_ts: str | None, ts: str | None, user: str | None) -> Place:
    """Where a message belongs: in its thread, in the one that begins below it, or among direct messages."""
    is_direct = channel.startswith("D") and thread_ts is None
    thread = None if is_direct else thread_ts or ts
    address: dict[str, Any] = {"channel": channel, "user": user}
    if thread is not None:
        address["thread_ts"] = thread
    if workspace.enterprise_id is not None:
        address["enterprise"] = workspace.enterprise_id
    path = (workspace.team_id, channel) if thread is None else (workspace.team_id, channel, thread)
    return Place("slack", path, is_direct=is_direct, address=address)


def _event_id(workspace: Workspace, channel: str, ts: str) -> str:
    """The same for all that Slack tells of one message: a mention is told twice, under two ids of events."""
    return f"{workspace.team_id}:{channel}:{ts}"


def _is_direct(event: Payload) -> bool:
    return event.get("channel_type") == "im" or str(event["channel"]).startswith("D")


async def _history(
    workspace: Workspace, channel: str, thread_ts: str | None, limit: int = _HISTORY
) -> list[dict[str, Any]]:
    """The last messages of a channel, or of a thread, as Slack has them, the oldest first."""
    with slack_call("conversations.history"):
        if thread_ts is None:
            page = await workspace.client.conversations_history(channel=channel, limit=limit)
            return list(reversed(page.get("messages") or []))
        page = await workspace.client.conversations_replies(channel=channel, ts=thread_ts, limit=limit)
        return list(page.get("messages") or [])


def _remember(known: dict[str, Any], key: str, value: Any) -> None:
    known.pop(key, None)
    known[key] = value
    if len(known) > _REMEMBERED:
        del known[next(iter(known))]
