"""Profiles, starters and what else an app says of itself before a chat begins."""

from pathlib import Path
from typing import Any

import convo
import pytest
from convo.loader import load_app
from convo.principal import Principal
from convo.protocol import CommandError
from convo.testing import ChatClient

ADA = convo.User("ada", metadata={"role": "admin"})


@pytest.fixture
def app() -> convo.App:
    app = convo.App()

    @app.set_chat_profiles
    async def profiles(user: convo.User | None, language: str | None) -> list[convo.ChatProfile]:
        strict = convo.ChatProfile(
            name="strict",
            markdown_description="**One** question at a time.",
            icon="shield",
            starters=[convo.Starter("Ask", "What is allowed?", command="rules")],
            config_overrides={"features": {"when_busy": "reject"}, "project": {"name": "Guard"}},
        )
        easy = convo.ChatProfile("easy", "Anything goes." if language == "en" else "Alles geht.", default=True)
        return [strict, easy] + ([convo.ChatProfile("admin", "All.")] if user is not None else [])

    @app.set_starters
    def starters(user: convo.User | None, language: str | None, chat_profile: str | None) -> list[convo.Starter]:
        return [convo.Starter(f"Hello {chat_profile}", "Hello!")]

    @app.set_starter_categories
    async def categories(user: convo.User | None) -> list[convo.StarterCategory]:
        return [convo.StarterCategory("Work", "briefcase", [convo.Starter("Plan", "Make a plan.")])]

    @app.on_message
    async def answer(message: convo.Message) -> None:
        config = convo.context.session.config
        profile = convo.user_session.get("chat_profile")
        await convo.Message(f"{profile}: {config.features.when_busy}, {message.command}").send()

    return app


async def test_the_page_is_told_what_to_offer(app: convo.App) -> None:
    info = await app.info(language="en")

    assert [(profile.name, profile.default) for profile in info.profiles] == [("strict", False), ("easy", True)]
    assert info.profiles[1].description == "Anything goes."
    assert [starter.label for starter in info.starters] == ["Hello easy"]
    assert [(category.label, category.starters[0].message) for category in info.categories] == [
        ("Work", "Make a plan.")
    ]
    assert [profile.name for profile in (await app.info(ADA)).profiles] == ["strict", "easy", "admin"]


async def test_a_profile_brings_its_own_starters_and_settings(app: convo.App) -> None:
    info = await app.info(profile="strict")

    assert info.name == "Guard"
    assert [starter.label for starter in info.starters] == ["Ask"]
    assert info.categories == []


async def test_a_chat_runs_with_the_settings_of_its_profile(app: convo.App) -> None:
    async with ChatClient(app, profile="strict") as chat:
        assert chat.state.fields["profile"] == "strict"
        assert chat.hello.app == "Guard"
        reply = await chat.send("?")

        assert reply.content == "strict: reject, None"
        assert reply.messages[0].author == "Guard"
        easy = await chat.new_chat()
        assert (await easy.send("?")).content.startswith("strict")

    async with ChatClient(app) as chat:
        assert (await chat.send("?")).content == "easy: queue, None"


async def test_a_profile_that_is_not_offered_is_refused(app: convo.App) -> None:
    with pytest.raises(CommandError, match="no profile `admin`; there are strict, easy") as caught:
        async with ChatClient(app, profile="admin"):
            pass
    assert caught.value.failure.code == "invalid"

    async with ChatClient(app, profile="admin", principal=Principal("p1", ADA)) as chat:
        assert (await chat.send("?")).content.startswith("admin")


async def test_a_stored_chat_comes_back_in_its_profile(app: convo.App) -> None:
    layer = convo.MemoryDataLayer()
    async with ChatClient(app, data_layer=layer, profile="strict") as chat:
        await chat.send("?")
        principal, thread = chat.principal, chat.thread_id

    async with ChatClient(app, data_layer=layer, principal=principal, thread=thread) as chat:
        assert chat.state.fields["profile"] == "strict"
        assert (await chat.send("?")).content == "strict: reject, None"


async def test_a_starter_may_name_a_command(app: convo.App) -> None:
    async with ChatClient(app, profile="strict") as chat:
        with pytest.raises(CommandError, match="no command `rules`"):
            await chat.send("What is allowed?", command="rules")
        await app.info(profile="strict")

        assert (await chat.send("What is allowed?", command="rules")).content == "strict: reject, rules"


@pytest.mark.parametrize("returned", [None, "profiles", [1], ZeroDivisionError()])
async def test_a_callback_that_fails_leaves_the_rest_of_the_page(
    returned: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app = convo.App({"project": {"name": "Still here"}})

    @app.set_chat_profiles
    @app.set_starters
    @app.set_starter_categories
    async def fail() -> Any:
        if isinstance(returned, Exception):
            raise returned
        return returned

    @app.on_message
    async def answer() -> None:
        await convo.Message("fine").send()

    info = await app.info()
    async with ChatClient(app) as chat:
        assert (await chat.send("?")).content == "fine"

    assert (info.name, info.profiles, info.starters, info.categories) == ("Still here", [], [], [])
    assert ("set_starters" in caplog.text) == (returned is not None)


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"features": {"when_busy": "panic"}}, r'config_overrides: `features\.when_busy`: must be "queue"'),
        ({"fetures": {}}, r"`fetures`: there is no such setting\. Did you mean `features`"),
        ({"server": {"port": 1}}, "`server` is of the whole process"),
    ],
)
async def test_a_profile_with_wrong_settings_cannot_be_made(
    overrides: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(convo.ConfigError, match=said):
        convo.ChatProfile("bad", "", config_overrides=overrides)

    file = tmp_path / "app_of_profiles.py"
    file.write_text(f"import convo\n\nBAD = convo.ChatProfile('bad', '', config_overrides={overrides!r})\n")
    with pytest.raises(convo.LoadError, match=said) as caught:  # so an app that makes it at the top does not start
        load_app(str(file))
    assert "line 3, in <module>" in (caught.value.detail or "")


async def test_a_profile_with_wrong_settings_that_a_callback_makes_refuses_the_start() -> None:
    app = convo.App()

    @app.set_chat_profiles
    async def profiles() -> list[convo.ChatProfile]:
        return [convo.ChatProfile("writer", "", config_overrides={"features": {"when_busy": "panic"}})]

    with pytest.raises(convo.ConfigError, match=r'The profile `writer`: .*`features\.when_busy`: must be "queue"'):
        async with ChatClient(app):
            pass


async def test_a_profile_with_wrong_settings_for_some_users_is_told_in_the_log_and_the_app_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = convo.App({"project": {"name": "Still here"}})

    @app.set_chat_profiles
    async def profiles(user: convo.User) -> list[convo.ChatProfile]:
        overrides = {"features": {"when_busy": user.metadata["policy"]}}  # there is no user at the start
        return [convo.ChatProfile("writer", "", config_overrides=overrides)]

    @app.on_message
    async def answer() -> None:
        await convo.Message("fine").send()

    async with ChatClient(app, user=convo.User("ada", metadata={"policy": "panic"})) as chat:
        assert (await chat.send("?")).content == "fine"
        info = await app.info(convo.User("ada", metadata={"policy": "panic"}))

    assert (info.name, info.profiles) == ("Still here", [])
    assert "The profile `writer`: " in caplog.text
    assert '`features.when_busy`: must be "queue"' in caplog.text


async def test_a_profile_whose_settings_are_made_wrong_later_is_left_out_and_named_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = convo.App()

    @app.set_chat_profiles
    async def profiles() -> list[convo.ChatProfile]:
        bad = convo.ChatProfile("bad", "")
        bad.config_overrides = {"features": {"when_busy": "panic"}}
        return [bad, convo.ChatProfile("good", "")]

    assert [profile.name for profile in (await app.info()).profiles] == ["good"]
    assert "A profile is left out. The profile `bad`: " in caplog.text


async def test_the_readme_is_the_one_of_the_reader_s_language(tmp_path: Path) -> None:
    for name, text in {"convo.md": "Hello", "convo.de.md": "Hallo", "convo.de-CH.md": "Grüezi"}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "secret.md").write_text("secret")
    app = convo.App()
    app.configure(str(tmp_path))

    found = {language: (await app.info(language=language)).readme for language in ("de-CH", "DE-AT", "fr", None)}
    assert found == {"de-CH": "Grüezi", "DE-AT": "Hallo", "fr": "Hello", None: "Hello"}
    for language in ("../secret", "x/../../secret", "\0", "x" * 10_000):
        assert (await app.info(language=language)).readme == "Hello"
    (tmp_path / "convo.md").write_text("  \n")
    assert (await app.info()).readme is None


async def test_pictures_of_authors_are_found_by_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "public" / "avatars"
    folder.mkdir(parents=True)
    for name in ("My-Assistant.png", "bot.svg", "notes.txt", ".hidden.png"):
        (folder / name).touch()
    app = convo.App()
    app.configure(str(tmp_path))

    assert (await app.info()).avatars == {"my_assistant": "avatars/my_assistant", "bot": "avatars/bot"}


async def test_links_and_uploads_are_those_of_the_settings() -> None:
    link = {"name": "help", "url": "https://example.org", "icon": "life-buoy"}
    settings = {"ui": {"header_links": [link]}, "project": {"description": "A."}}
    app = convo.App({**settings, "features": {"uploads": {"max_size_mb": 2}}})
    info = await app.info()

    assert (info.links[0].name, info.links[0].icon, info.links[0].target) == ("help", "life-buoy", "_blank")
    assert info.uploads.max_bytes == 2_000_000
    assert info.description == "A."
    with pytest.raises(convo.ConfigError, match=r"`ui\.header_links\.0\.url`"):
        convo.App({"ui": {"header_links": [{"name": "x", "url": "javascript:alert(1)"}]}}).configure()
    with pytest.raises(convo.ConfigError, match=r"`ui\.header_links\.0\.nmae`.* Did you mean `name`"):
        convo.App({"ui": {"header_links": [link | {"nmae": "x"}]}}).configure()


class TestKeysOfUsers:
    @pytest.fixture
    def app(self) -> convo.App:
        app = convo.App({"project": {"user_env": ["OPENAI_API_KEY"]}})

        @app.on_message
        async def answer() -> None:
            await convo.Message(str(convo.user_session.get("env"))).send()

        return app

    async def test_a_chat_needs_them(self, app: convo.App) -> None:
        with pytest.raises(CommandError, match="needs OPENAI_API_KEY from you") as caught:
            async with ChatClient(app, user_env={"OTHER": "x"}):
                pass

        assert caught.value.failure.details == {"env": ["OPENAI_API_KEY"]}
        assert (await app.info()).env == ["OPENAI_API_KEY"]

    async def test_callbacks_get_them_and_nothing_else(self, app: convo.App) -> None:
        async with ChatClient(app, user_env={"OPENAI_API_KEY": "sk-1", "PATH": "/"}) as chat:
            assert (await chat.send("?")).content == "{'OPENAI_API_KEY': 'sk-1'}"

    async def test_they_are_never_stored_nor_sent_back(self, app: convo.App) -> None:
        @app.on_message
        async def answer() -> None:
            convo.user_session.set("count", len(convo.user_session.get("env")))

        layer = convo.MemoryDataLayer()
        async with ChatClient(app, data_layer=layer, user_env={"OPENAI_API_KEY": "sk-secret"}) as chat:
            await chat.send("?")
        stored = await layer.get_thread(chat.thread_id)

        assert stored is not None
        assert stored.state.session == {"count": 1}
        assert "sk-secret" not in repr(stored) + repr(chat.frames)


async def test_an_app_that_takes_no_files_takes_messages() -> None:
    app = convo.App({"features": {"uploads": {"enabled": False}}})

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("fine").send()

    async with ChatClient(app) as chat:
        assert (await chat.send("hi")).content == "fine"
