"""Chat settings: the form a callback shows, and the values a user may give it."""

from datetime import date
from typing import Any

import convo
import pytest
from convo.input_widget import (
    Checkbox,
    DatePicker,
    MultiSelect,
    NumberInput,
    RadioGroup,
    Select,
    Slider,
    Switch,
    Tab,
    Tags,
    TextInput,
    widget_of,
)
from convo.protocol import CommandError
from convo.testing import ChatClient

WIDGETS = [
    Switch("stream", "Stream", True),
    Checkbox("sources", "Show sources"),
    Slider("temperature", "Temperature", 0.5, min=0, max=2, step=0.1),
    Select("model", "Model", values=["small", "large"], initial_index=1),
    RadioGroup("tone", "Tone", items={"Kind": "kind", "Brief": "brief"}, initial_value="kind"),
    MultiSelect("tools", "Tools", values=["search", "code"], initial=["code"]),
    TextInput("name", "Your name", placeholder="Ada"),
    NumberInput("limit", "Limit", 10),
    Tags("topics", "Topics", ["law"], values=["law", "tax"]),
    DatePicker("day", "Day", "2026-11-23", min_date="2026-01-01", max_date="2026-12-31"),
    DatePicker("stay", "Stay", mode="range"),
]
INITIAL = {
    "stream": True,
    "sources": False,
    "temperature": 0.5,
    "model": "large",
    "tone": "kind",
    "tools": ["code"],
    "name": None,
    "limit": 10,
    "topics": ["law"],
    "day": "2026-11-23",
    "stay": None,
}


@pytest.fixture
def app() -> convo.App:
    """Shows all widgets, and answers with what it knows of them."""
    app = convo.App()

    @app.on_chat_start
    async def show() -> None:
        assert await convo.ChatSettings(WIDGETS).send() == INITIAL

    @app.on_settings_update
    async def update(settings: dict[str, Any]) -> None:
        await convo.Message(f"{settings['model']} at {settings['temperature']}").send()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        settings = convo.user_session.get("chat_settings")
        await convo.Message(str(settings.get(message.content, settings))).send()

    return app


async def test_a_form_is_shown_with_its_initial_values(app: convo.App) -> None:
    async with ChatClient(app) as chat:
        await chat.until(lambda: chat.settings)

        assert chat.settings == INITIAL
        form = chat.state.fields["settings"]
        assert [widget["type"] for widget in form["inputs"]] == [widget.type for widget in WIDGETS]
        assert form["inputs"][4]["items"] == [{"label": "Kind", "value": "kind"}, {"label": "Brief", "value": "brief"}]
        assert (await chat.send("model")).content == "large"


async def test_confirmed_values_reach_the_callback_every_tab_and_later_messages(app: convo.App) -> None:
    async with ChatClient(app) as chat:
        await chat.until(lambda: chat.settings)
        tab = await chat.tab()
        run = await chat.set_settings({"model": "small", "temperature": 1.3})

        assert run is not None
        assert run.callback == "on_settings_update"
        assert chat.messages[-1].output == "small at 1.3"
        await tab.until(lambda: tab.settings["model"] == "small")
        assert (await chat.send("tools")).content == "['code']"
        assert (await chat.send("temperature")).content == "1.3"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("stream", "yes", "either on or off"),
        ("temperature", 2.1, "from 0 to 2"),
        ("temperature", 0.55, "steps of 0.1"),
        ("temperature", True, "number"),
        ("model", "huge", "not one of small, large"),
        ("model", None, "not one of"),
        ("tone", "Kind", "not one of kind, brief"),
        ("tools", ["search", "hammer"], "`hammer` is not one of"),
        ("tools", ["code", "code"], "twice"),
        ("tools", "code", "list"),
        ("name", 3, "text"),
        ("limit", "3", "number"),
        ("topics", [""], "words"),
        ("day", "2027-01-01", "last day that can be chosen is 2026-12-31"),
        ("day", "tomorrow", "a date, as 2026-11-23"),
        ("stay", ["2026-02-02", "2026-02-01"], "before the first"),
        ("stay", "2026-02-02", "a first and a last day"),
        ("colour", "red", "no such setting"),
    ],
)
async def test_a_value_its_widget_does_not_take_is_refused_and_changes_nothing(
    app: convo.App, name: str, value: Any, said: str
) -> None:
    async with ChatClient(app) as chat:
        await chat.until(lambda: chat.settings)
        with pytest.raises(CommandError, match=said) as caught:
            await chat.set_settings({"model": "small", name: value})

        assert caught.value.failure.code == "invalid"
        assert caught.value.failure.details is not None
        assert list(caught.value.failure.details["problems"]) == [name]
        assert chat.settings == INITIAL
        assert "on_settings_update" not in [run.callback for run in chat.state.runs.values()]


async def test_all_that_is_wrong_is_said_at_once(app: convo.App) -> None:
    async with ChatClient(app) as chat:
        await chat.until(lambda: chat.settings)
        with pytest.raises(CommandError) as caught:
            await chat.set_settings({"temperature": 9, "model": "huge"})

        assert caught.value.failure.details == {
            "problems": {
                "temperature": "This goes from 0 to 2.",
                "model": "`huge` is not one of small, large.",
            }
        }


async def test_an_edit_is_heard_while_it_is_made_and_counts_when_confirmed() -> None:
    app = convo.App()

    @app.on_chat_start
    async def show() -> None:
        await convo.ChatSettings([Select("country", "Country", values=["CH", "AT"]), TextInput("note", "Note")]).send()

    @app.on_settings_edit
    async def edit(settings: dict[str, Any]) -> None:
        cities = {"CH": ["Bern", "Basel"], "AT": ["Wien", "Graz"]}[settings["country"]]
        widgets = [
            Select("country", "Country", values=["CH", "AT"], initial=settings["country"]),
            TextInput("note", "Note"),
            Select("city", "City", values=cities, initial_index=0),
        ]
        await convo.ChatSettings(widgets).refresh()

    async with ChatClient(app) as chat:
        await chat.until(lambda: "country" in chat.settings)
        await chat.set_settings({"note": "mine"})
        await chat.set_settings({"country": "AT"}, live=True)

        assert chat.settings == {"country": "AT", "note": "mine", "city": "Wien"}
        assert await chat.set_settings({"country": "AT", "city": "Graz"}) is None
        assert chat.settings == {"country": "AT", "note": "mine", "city": "Graz"}
        with pytest.raises(CommandError, match="not one of Wien, Graz"):
            await chat.set_settings({"city": "Bern"})


async def test_tabs_hold_widgets_and_disabled_ones_do_not_change() -> None:
    app = convo.App()

    @app.on_chat_start
    async def show() -> None:
        fixed = TextInput("plan", "Plan", "free", disabled=True)
        await convo.ChatSettings([Tab("a", "General", [fixed]), Tab("b", "More", [Switch("fast", "Fast")])]).send()

    async with ChatClient(app) as chat:
        await chat.until(lambda: chat.settings)
        assert [tab["label"] for tab in chat.state.fields["settings"]["tabs"]] == ["General", "More"]
        assert await chat.set_settings({"fast": True, "plan": "free"}) is None
        assert chat.settings == {"plan": "free", "fast": True}
        with pytest.raises(CommandError, match="cannot be changed"):
            await chat.set_settings({"plan": "gold"})


async def test_settings_come_back_with_a_stored_thread(app: convo.App) -> None:
    layer = convo.MemoryDataLayer()
    async with ChatClient(app, data_layer=layer) as chat:
        await chat.until(lambda: chat.settings)
        await chat.set_settings({"model": "small"})
        await chat.send("model")
        principal, thread = chat.principal, chat.thread_id

    async with ChatClient(app, data_layer=layer, principal=principal, thread=thread) as chat:
        assert chat.settings == INITIAL | {"model": "small"}
        assert (await chat.send("model")).content == "small"
        with pytest.raises(CommandError, match="not one of"):
            await chat.set_settings({"model": "huge"})


async def test_a_chat_without_a_form_has_no_settings() -> None:
    app = convo.App()

    @app.on_message
    async def answer() -> None:
        await convo.Message(str(convo.user_session.get("chat_settings"))).send()

    async with ChatClient(app) as chat:
        assert (await chat.send("?")).content == "{}"
        with pytest.raises(CommandError, match="no settings"):
            await chat.set_settings({"model": "small"})


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Slider("a", "A", 11), "`initial` of `a`: This goes from 0 to 10"),
        (lambda: Slider("a", "A", min=3, max=3), "`min` below `max`"),
        (lambda: Select("a", "A"), "either `values` or `items`"),
        (lambda: Select("a", "A", values=["x"], items={"x": "x"}), "either `values` or `items`"),
        (lambda: Select("a", "A", values=["x"], initial_index=1), "`initial_index` of `a` goes from 0 to 0"),
        (lambda: RadioGroup("a", "A", values=["x"], initial="y"), "`y` is not one of x"),
        (lambda: Switch("", "A"), "needs `id`"),
        (lambda: TextInput("a", 3), "needs `label`"),  # type: ignore[arg-type]  # what is tested
        (lambda: DatePicker("a", "A", mode="week"), "either `single` or `range`"),  # type: ignore[arg-type]
        (lambda: DatePicker("a", "A", "soon"), "is a date"),
        (lambda: convo.ChatSettings([Switch("a", "A"), Checkbox("a", "B")]), "have the id `a`"),
        (lambda: convo.ChatSettings([Tab("t", "T"), Switch("a", "A")]), "all tabs or all widgets"),
    ],
)
def test_an_author_s_mistake_is_told_where_it_is_made(make: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: widget.id)
def test_a_widget_is_the_same_after_its_way_over_the_wire(widget: Any) -> None:
    assert widget_of(widget.to_dict()).to_dict() == widget.to_dict()


def test_dates_may_be_date_objects() -> None:
    picker = DatePicker("a", "A", date(2026, 1, 2), min_date=date(2026, 1, 1))  # type: ignore[arg-type]

    assert (picker.initial, picker.min_date) == ("2026-01-02", "2026-01-01")
    assert picker.check("2026-03-04T00:00:00.000Z") == "2026-03-04"
