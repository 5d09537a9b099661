"""The routes: which paths there are, what each is for, and which exchange is held there."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from urllib.parse import parse_qs

import msgspec
from convo import Config
from convo.info import list_profiles
from convo.protocol import CommandError, Failure
from convo.routes import Route

from convo_protocols import ag_ui, ai_sdk, chat_completions, models, openai_error, responses
from convo_protocols.description import SHAPES
from convo_protocols.door import ASGI, Door, Request
from convo_protocols.exchange import About, Exchange, Reply
from convo_protocols.settings import ProtocolsSettings
from convo_protocols.talk import Talk

__all__ = ["routes"]


def routes(config: Config) -> list[Route]:
    """The front doors that are open by `[integrations.protocols]`."""
    settings = config.leaf("integrations.protocols", ProtocolsSettings) or ProtocolsSettings()  # type: ignore[call-arg]
    doors = set(settings.doors)
    served: list[Route] = []
    if doors & {"chat-completions", "responses"}:
        served += _models(settings)
    if "chat-completions" in doors:
        served += _chat_completions(settings)
    if "responses" in doors:
        served += _responses(settings)
    if "ag-ui" in doors:
        served += _ag_ui(settings)
    if "ai-sdk" in doors:
        served += _ai_sdk(settings)
    return served


def _models(settings: ProtocolsSettings) -> list[Route]:
    refusal = openai_error.refusal
    door = Door(settings, refusal)

    async def listed(request: Request) -> Reply:
        names = await _profiles(request)
        return Reply(msgspec.json.encode(models.list_models(names, _app(request))))

    async def one(request: Request) -> Reply:
        names = await _profiles(request)
        return Reply(msgspec.json.encode(models.model(request.path["id"], names, _app(request))))

    return [
        _route("models", "/v1/models", ("GET",), "app:read", door.reply(listed), refusal),
        _route("model", "/v1/models/{id:path}", ("GET",), "app:read", door.reply(one), refusal),
    ]


def _chat_completions(settings: ProtocolsSettings) -> list[Route]:
    refusal = chat_completions.refusal
    door = Door(settings, refusal)

    async def read(request: Request) -> Exchange:
        body = await request.body()
        exchange = chat_completions.ChatCompletion(body, instructions=settings.instructions, key=request.key)
        exchange.profile = models.choose_profile(exchange.model, await _profiles(request), _app(request))
        return exchange

    path = "/v1/chat/completions"
    return [_route("chat-completions", path, ("POST",), "message", door.exchange(read), refusal)]


def _responses(settings: ProtocolsSettings) -> list[Route]:
    refusal = responses.refusal
    door = Door(settings, refusal)

    async def create(request: Request) -> Exchange:
        body = await request.body()
        exchange = responses.Response(body, instructions=settings.instructions, key=request.key)
        exchange.profile = models.choose_profile(exchange.model, await _profiles(request), _app(request))
        return exchange

    async def read(request: Request) -> Exchange:
        query = parse_qs(request.query)
        after = query.get("starting_after", ["-1"])[0]
        if after != "-1" and not (after.isdecimal() and len(after) <= 18):
            raise CommandError("invalid", "`starting_after` is a number.", details={"param": "starting_after"})
        is_streamed = query.get("stream", ["false"])[0].lower() == "true"
        return responses.ResponseRead(request.path["id"], is_streamed=is_streamed, after=int(after))

    async def cancel(request: Request) -> Reply:
        """Stop its run, and say how it stands."""
        exchange = responses.ResponseRead(request.path["id"], is_streamed=False)
        talk = Talk(request.visit, exchange)
        try:
            begun = await talk.begin()
            assert begun is not None
            turn, _ = begun
            talk.stop(turn.run_id)
            about = About(talk.thread_id, turn.run_id, request.visit.base_url, int(time.time()))
            for _piece in exchange.begin(about):
                pass
            async for happenings in talk.listen(turn):
                for one in happenings:
                    for _piece in exchange.tell(one):
                        pass
            return exchange.whole()
        finally:
            talk.close()

    return [
        _route("responses", "/v1/responses", ("POST",), "message", door.exchange(create), refusal),
        _route("response", "/v1/responses/{id}", ("GET",), "thread:read", door.exchange(read), refusal),
        _route("response-cancel", "/v1/responses/{id}/cancel", ("POST",), "stop", door.reply(cancel), refusal),
    ]


def _ag_ui(settings: ProtocolsSettings) -> list[Route]:
    refusal = ag_ui.refusal
    door = Door(settings, refusal)

    async def read(request: Request) -> Exchange:
        return ag_ui.Run(await request.body(), instructions=settings.instructions)

    return [_route("ag-ui", "/ag-ui", ("POST",), "message", door.exchange(read), refusal)]


def _ai_sdk(settings: ProtocolsSettings) -> list[Route]:
    refusal = ai_sdk.refusal
    door = Door(settings, refusal)

    async def chat(request: Request) -> Exchange:
        return ai_sdk.Chat(await request.body(), instructions=settings.instructions)

    async def stream(request: Request) -> Exchange:
        return ai_sdk.ChatRead(request.path["id"])

    return [
        _route("ai-sdk", "/ai-sdk", ("POST",), "message", door.exchange(chat), refusal),
        _route("ai-sdk-stream", "/ai-sdk/{id}/stream", ("GET",), "thread:read", door.exchange(stream), refusal),
    ]


def _route(
    name: str, path: str, methods: tuple[str, ...], verb: str, app: ASGI, refusal: Callable[[Failure], bytes]
) -> Route:
    return Route(name, path, methods, verb, app, refusal, SHAPES[name])


async def _profiles(request: Request) -> Sequence[str]:
    """The names of the profiles that the caller may choose."""
    directory, user = request.visit.directory, request.visit.principal.user
    return [one.name for one in await list_profiles(directory.callbacks, directory.config, user, None)]


def _app(request: Request) -> str:
    return request.visit.directory.config.project.name
