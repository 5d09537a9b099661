"""The public names, their arguments in order and their defaults: what existing apps call by."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import convo
import pandas
import pytest
from convo import input_widget
from convo.element import Element
from convo.emitter import Emitter

GENERATION = (
    "id=None, prompt_id=None, provider=None, model=None, error=None, settings={}, variables={}, tags=[], metadata={},"
    " tools=None, token_count=None, input_token_count=None, output_token_count=None, tt_first_token=None,"
    " token_throughput_in_s=None, duration=None, cost=None, "
)
WIDGET = "id, label, initial={}, tooltip=None, description=None, disabled=False"

ELEMENT = (
    "name='', *, url=None, path=None, content=None, display='inline', size=None, language=None, mime=None,"
    " for_id=None, id=None, thread_id=None"
)

SIGNATURES = {
    # callbacks
    "on_app_startup": "function",
    "on_app_shutdown": "function",
    "on_chat_start": "function",
    "on_chat_resume": "function",
    "on_chat_end": "function",
    "on_connect": "function",
    "on_disconnect": "function",
    "on_message": "function",
    "on_stop": "function",
    "on_settings_update": "function",
    "on_settings_edit": "function",
    "action_callback": "name",
    "on_action": "name",
    "on_audio_start": "function",
    "on_audio_chunk": "function",
    "on_audio_end": "function",
    "on_window_message": "function",
    "on_mcp_connect": "function",
    "on_mcp_disconnect": "function",
    "on_mcp_sampling": "function",
    "on_slack_reaction_added": "function",
    "on_feedback": "function",
    "on_shared_thread_view": "function",
    "set_chat_profiles": "function",
    "set_starters": "function",
    "set_starter_categories": "function",
    "author_rename": "function",
    "password_auth_callback": "function",
    "header_auth_callback": "function",
    "custom_auth": "function",
    "oauth_callback": "function",
    "on_logout": "function",
    "thread_title": "function",
    "data_layer": "function",
    # what is said
    "Message": (
        "content='', author=None, language=None, actions=None, elements=None, type='assistant_message', metadata=None,"
        " tags=None, id=None, parent_id=None, command=None, modes=None, created_at=None"
    ),
    "Message.send": "",
    "Message.stream_token": "token, is_sequence=False",
    "Message.stream": "source",
    "Message.update": "",
    "Message.remove": "",
    "Message.remove_actions": "",
    "Message.to_dict": "",
    "Message.from_dict": "data",
    "ErrorMessage": "content='', author=None",
    # what is asked
    "AskUserMessage": "content, author=None, type='assistant_message', timeout=60, raise_on_timeout=False",
    "AskFileMessage": (
        "content, accept, max_size_mb=2, max_files=1, author=None, type='assistant_message', timeout=90,"
        " raise_on_timeout=False"
    ),
    "AskActionMessage": "content, actions, author=None, timeout=90, raise_on_timeout=False",
    "AskElementMessage": "content, element, author=None, timeout=90, raise_on_timeout=False",
    "AskUserMessage.send": "",
    "AskFileMessage.send": "",
    "AskActionMessage.send": "",
    "AskElementMessage.send": "",
    "AskFileResponse": "id, name, path, size, type",
    # what is done
    "Step": (
        "name='Step', type='undefined', id=None, parent_id=None, elements=None, metadata=None, tags=None,"
        " language=None, icon=None, default_open=False, auto_collapse=False, show_input='json', thread_id=None"
    ),
    "Step.send": "",
    "Step.update": "",
    "Step.remove": "",
    "Step.stream_token": "token, is_sequence=False, is_input=False",
    "Step.to_dict": "",
    "step": (
        "function=None, *, name=None, type='undefined', id=None, parent_id=None, tags=None, metadata=None,"
        " language=None, icon=None, default_open=False, auto_collapse=False, show_input='json'"
    ),
    "ChatGeneration": f"*, {GENERATION}messages=[], message_completion=None",
    "CompletionGeneration": f"*, {GENERATION}prompt=None, completion=None",
    "Task": "title, status=TaskStatus.READY, forId=None",
    "TaskList": "tasks=None, status='Ready', **options",
    "TaskList.add_task": "task",
    "TaskList.send": "for_id=None, persist=True",
    "TaskList.update": "",
    # what is shown; `options` are those of `Element`
    "Element": ELEMENT,
    "Element.send": "for_id=None, persist=True",
    "Element.update": "",
    "Element.remove": "",
    "Image": ELEMENT,
    "Text": ELEMENT,
    "File": ELEMENT,
    "Pdf": "name='', *, page=None, **options",
    "Audio": "name='', *, auto_play=False, **options",
    "Video": "name='', *, player_config=None, **options",
    "Plotly": "name='', *, figure=None, **options",
    "Pyplot": "name='', *, figure=None, **options",
    "Dataframe": "name='', *, data=None, **options",
    "CustomElement": "name='', *, props=None, **options",
    "CustomElement.update": "",
    "ElementSidebar.set_title": "title",
    "ElementSidebar.set_elements": "elements, key=None",
    "Action": "name, payload=None, label='', tooltip='', icon=None, id=None, forId=None",
    "Action.send": "for_id",
    "Action.remove": "",
    # what is chosen
    "ChatSettings": "inputs=(), *, tabs=None",
    "ChatSettings.send": "",
    "ChatSettings.refresh": "",
    "ChatSettings.settings": "",
    "input_widget.Switch": WIDGET.format("False"),
    "input_widget.Checkbox": WIDGET.format("False"),
    "input_widget.Slider": WIDGET.format("0") + ", min=0, max=10, step=1",
    "input_widget.Select": WIDGET.format("None") + ", initial_index=None, initial_value=None, values=[], items={}",
    "input_widget.RadioGroup": WIDGET.format("None") + ", initial_index=None, initial_value=None, values=[], items={}",
    "input_widget.MultiSelect": WIDGET.format("[]") + ", values=[], items={}",
    "input_widget.TextInput": WIDGET.format("None") + ", placeholder=None, multiline=False",
    "input_widget.NumberInput": WIDGET.format("None") + ", placeholder=None",
    "input_widget.Tags": WIDGET.format("[]") + ", values=[]",
    "input_widget.DatePicker": (
        WIDGET.format("None") + ", mode='single', min_date=None, max_date=None, format=None, placeholder=None"
    ),
    "input_widget.Tab": "id, label, inputs=[]",
    "ChatProfile": (
        "name, markdown_description, icon=None, display_name=None, default=False, starters=None, config_overrides=None"
    ),
    "Starter": "label, message, command=None, icon=None",
    "StarterCategory": "label, icon=None, starters=[]",
    "Mode": "id, name, options=[]",
    "ModeOption": "id, name, description=None, icon=None, default=False",
    "Feedback": "forId, value, threadId=None, id=None, comment=None",
    "User": "identifier, display_name=None, metadata={}",
    "PersistedUser": "identifier, display_name=None, metadata={}, *, id, createdAt=…",
    # where a callback is
    "user_session.get": "key, default=None",
    "user_session.set": "key, value",
    "user_session.create_accessor": "key, default, *, apply_fn=None",
    "chat_context.get": "",
    "chat_context.add": "message",
    "chat_context.remove": "message",
    "chat_context.clear": "",
    "chat_context.to_openai": "",
    "CopilotFunction": "name, args",
    "CopilotFunction.acall": "timeout=300.0",
    "send_window_message": "data",
    "InputAudioChunk": "isStart, mimeType, elapsedTime, data",
    "make_async": "function",
    "run_sync": "awaitable",
    "sleep": "duration",
    "cache": "function",
}

EMITTER = {
    "send_toast": "message, type='info'",
    "send_window_message": "data",
    "send_audio_chunk": "chunk",
    "send_audio_interrupt": "",
    "update_audio_connection": "state",
    "update_token_count": "count",
    "set_commands": "commands",
    "set_modes": "modes",
    "task_start": "",
    "task_end": "",
}

LAYER = {
    "get_user": "identifier",
    "create_user": "user",
    "delete_feedback": "feedback_id",
    "upsert_feedback": "feedback",
    "create_element": "element",
    "get_element": "thread_id, element_id",
    "delete_element": "element_id, thread_id=None",
    "create_step": "step_dict",
    "update_step": "step_dict",
    "delete_step": "step_id",
    "get_thread_author": "thread_id",
    "delete_thread": "thread_id",
    "list_threads": "pagination, filters",
    "get_thread": "thread_id",
    "update_thread": "thread_id, name=None, user_id=None, metadata=None, tags=None",
    "build_debug_url": "",
    "close": "",
    "get_favorite_steps": "user_id",
    "set_step_favorite": "step_dict, favorite",
}

PAGES = {
    "Pagination": "first=20, cursor=None",
    "ThreadFilter": "feedback=None, userId=None, search=None",
    "PageInfo": "hasNextPage, startCursor, endCursor",
    "PageInfo.to_dict": "",
    "PageInfo.from_dict": "page_info_dict",
    "PaginatedResponse": "pageInfo, data",
    "PaginatedResponse.to_dict": "",
    "PaginatedResponse.from_dict": "paginated_response_dict, the_class",
    "get_data_layer": "",
}
"""Of `convo.data`."""

DICTS = {
    "OutputAudioChunk": {"mimeType", "track", "data"},
    "CommandDict": {"id", "description", "icon", "button", "persistent", "selected"},
    "AskActionResponse": {"name", "payload", "label", "tooltip", "forId", "id"},
    "AskElementResponse": {"submitted"},
    "GenerationMessage": {
        "uuid",
        "templated",
        "name",
        "role",
        "content",
        "function_call",
        "tool_calls",
        "tool_call_id",
    },
    "ThreadDict": {
        "id",
        "createdAt",
        "name",
        "userId",
        "userIdentifier",
        "tags",
        "metadata",
        "steps",
        "elements",
    },
}

HANDLER = (
    "answer_prefix_tokens=None, stream_final_answer=False, force_stream_final_answer=False, to_ignore=None,"
    " to_keep=None, *, strip_tokens=True, integration=None"
)
LEAVES = {  # of packages that are installed here, reached through `convo`
    "LangchainCallbackHandler": HANDLER,
    "AsyncLangchainCallbackHandler": HANDLER,
    "LlamaIndexCallbackHandler": "event_starts_to_ignore=None, event_ends_to_ignore=None",
    "instrument_llama_index": "",
    "instrument_mistralai": "",
    "instrument_openai": "",
    "SemanticKernelFilter": "excluded_plugins=None, excluded_functions=None, *, kernel=None",
}

MODULES = {
    "convo.action": {"Action"},
    "convo.chat_context": {"chat_context"},
    "convo.chat_settings": {"ChatSettings"},
    "convo.context": {"context"},
    "convo.data": {
        "BaseDataLayer",
        "ElementDict",
        "Feedback",
        "PageInfo",
        "PaginatedResponse",
        "Pagination",
        "StepDict",
        "ThreadDict",
        "ThreadFilter",
        "get_data_layer",
    },
    "convo.data.base": {"BaseDataLayer"},
    "convo.data.utils": {"queue_until_user_message"},
    "convo.element": {"Element", "ElementBased", "ElementDict", "File", "Image", "Text", "CustomElement"},
    "convo.input_widget": {"Checkbox", "DatePicker", "MultiSelect", "Select", "Slider", "Switch", "Tab", "TextInput"},
    "convo.message": {"ErrorMessage", "Message"},
    "convo.mode": {"Mode", "ModeOption"},
    "convo.sidebar": {"ElementSidebar"},
    "convo.step": {"Step", "StepDict", "step"},
    "convo.sync": {"make_async", "run_sync"},
    "convo.types": {
        "AskActionResponse",
        "AskElementResponse",
        "AskFileResponse",
        "ChatProfile",
        "CommandDict",
        "Feedback",
        "FeedbackDict",
        "InputAudioChunk",
        "OutputAudioChunk",
        "PageInfo",
        "PaginatedResponse",
        "Pagination",
        "Starter",
        "StarterCategory",
        "StepDict",
        "ThreadDict",
        "ThreadFilter",
    },
    "convo.user": {"PersistedUser", "User"},
    "convo.user_session": {"user_session"},
}


def described(function: Any) -> str:
    """Arguments as the table has them."""
    parts: list[str] = []
    is_keyword_only = False
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not is_keyword_only:
            is_keyword_only = True
            parts.append("*")
        parts.append(("**" if parameter.kind is parameter.VAR_KEYWORD else "") + parameter.name + default(parameter))
    return ", ".join(parts)


def default(parameter: inspect.Parameter) -> str:
    value = parameter.default
    if value is parameter.empty:
        return ""
    if isinstance(value, convo.TaskStatus):
        return f"={value}"
    if repr(value) == "<factory>":  # of a dataclass
        lists = ("options", "starters", "inputs", "values", "tags", "messages", "initial")
        dicts = ("items", "metadata", "settings", "variables")
        return "=[]" if parameter.name in lists else "={}" if parameter.name in dicts else "=…"
    return f"={value!r}"


def find(path: str) -> Any:
    found: Any = convo
    for name in path.split("."):
        found = getattr(found, name)
    return found


@pytest.mark.parametrize("path", SIGNATURES)
def test_a_name_is_there_and_called_as_existing_apps_call_it(path: str) -> None:
    assert path.split(".")[0] in convo.__all__
    assert described(find(path)) == SIGNATURES[path]


@pytest.mark.parametrize("name", LEAVES)
def test_so_is_what_another_package_brings(name: str) -> None:
    assert described(getattr(convo, name)) == LEAVES[name]


@pytest.mark.parametrize("name", EMITTER)
def test_so_is_what_the_emitter_does(name: str) -> None:
    method = getattr(Emitter, name)

    assert described(method) == EMITTER[name]
    assert inspect.iscoroutinefunction(method)


@pytest.mark.parametrize("name", LAYER)
def test_so_is_what_existing_data_layers_implement(name: str) -> None:
    method = getattr(convo.data.BaseDataLayer, name)

    assert described(method) == LAYER[name]
    assert inspect.iscoroutinefunction(method)
    assert name in convo.data.BaseDataLayer.__abstractmethods__ or name == "set_step_favorite"


@pytest.mark.parametrize("path", PAGES)
def test_and_what_they_use(path: str) -> None:
    assert path.split(".")[0] in convo.data.__all__
    assert described(find(f"data.{path}")) == PAGES[path]


@pytest.mark.parametrize("name", DICTS)
def test_a_dict_has_the_keys_existing_apps_read(name: str) -> None:
    assert set(getattr(convo, name).__annotations__) >= DICTS[name]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_the_names_existing_apps_import_from_it(module: str) -> None:
    found = importlib.import_module(module)

    assert set(found.__all__) >= MODULES[module]
    for name in MODULES[module] & set(convo.__all__):
        assert getattr(found, name) is getattr(convo, name)


def test_no_public_name_is_missing_from_the_tables() -> None:
    """What is convo's own, with no counterpart in existing apps, stands here."""
    own = {name for name in convo.__all__ if isinstance(getattr(convo, name), type)}
    own = {name for name in own if issubclass(getattr(convo, name), Exception)}
    own |= {
        "App",
        "Config",
        "DataLayer",
        "LocalStorage",
        "MemoryDataLayer",
        "Storage",
        "StepDict",
        "TaskStatus",
        "Tracer",
        "Uncaptured",
        "__version__",
        "context",
        "redact",
    }
    listed = {path.split(".")[0] for path in SIGNATURES} | set(DICTS)

    assert set(convo.__all__) - own == listed


@pytest.mark.parametrize(
    "name",
    [name for name, arguments in SIGNATURES.items() if arguments == "function" and name.startswith(("on", "set"))],
)
def test_a_decorator_gives_the_function_back(name: str) -> None:
    async def callback(one: int, *, two: str = "") -> None: ...

    assert getattr(convo.App(), name)(callback) is callback
    assert convo.App().action_callback("x")(callback) is callback
    assert convo.App().on_action("x")(callback) is callback


async def test_a_step_and_a_cache_keep_name_text_and_arguments() -> None:
    def work(one: int, *, two: str = "") -> str:
        """Do it."""
        return two * one

    async def later(one: int, *, two: str = "") -> str:
        """Do it."""
        return two * one

    for function in (work, later):
        for wrapped in (convo.step(function), convo.step(name="x", type="tool")(function), convo.cache(function)):
            assert (wrapped.__name__, wrapped.__doc__) == (function.__name__, "Do it.")
            assert inspect.signature(wrapped) == inspect.signature(function)
            assert inspect.iscoroutinefunction(wrapped) == inspect.iscoroutinefunction(function)
    assert inspect.signature(convo.make_async(work)) == inspect.signature(work)
    assert await convo.make_async(work)(2, two="x") == "xx"


def test_every_class_can_be_made_without_a_context() -> None:
    class Figure:
        to_json = savefig = lambda *arguments: ""

    every = [
        convo.Message(content={"a": 1}, actions=[convo.Action(name="a", payload={})]),
        convo.ErrorMessage(content="a"),
        convo.AskUserMessage(content="a"),
        convo.AskFileMessage(content="a", accept=["text/plain"]),
        convo.AskActionMessage(content="a", actions=[convo.Action("a", {}, "A", "tip", "icon")]),
        convo.AskElementMessage(content="a", element=convo.CustomElement(name="Form", props={})),
        convo.Step(name="a", type="tool"),
        convo.TaskList(tasks=[convo.Task("a", convo.TaskStatus.DONE)]),
        convo.Plotly(name="a", figure=Figure()),
        convo.Pyplot(name="a", figure=Figure()),
        convo.Dataframe(name="a", data=pandas.DataFrame()),
        convo.ChatSettings([input_widget.Switch(id="a", label="A")]),
        convo.ChatProfile("a", "b"),
        convo.Starter("a", "b"),
        convo.StarterCategory("a"),
        convo.Mode("a", "b", [convo.ModeOption("c", "d")]),
        convo.User("a"),
        convo.PersistedUser(id="1", createdAt="2026-11-26T00:00:00Z", identifier="a"),
        convo.CopilotFunction(name="a", args={}),
        convo.InputAudioChunk(isStart=True, mimeType="pcm16", elapsedTime=0, data=b""),
        convo.OutputAudioChunk(mimeType="pcm16", track="a", data=b""),
    ]
    every += [kind(name="a", content=b"a", mime="x/y") for kind in (convo.Image, convo.Text, convo.Pdf, convo.File)]
    every += [kind(name="a", url="https://example.com") for kind in (convo.Audio, convo.Video)]

    assert all(every)


@pytest.mark.parametrize("kind", [convo.Image, convo.Pdf, convo.Audio, convo.Video, convo.Text, convo.File])
def test_an_element_takes_the_options_of_all_elements_and_no_others(kind: type[Element]) -> None:
    options = {
        "url": "u",
        "path": "p",
        "content": b"c",
        "display": "side",
        "size": "small",
        "language": "python",
        "mime": "m/m",
        "for_id": "f",
        "id": "i",
        "thread_id": "t",
    }

    element = kind(name="n", **options)

    assert {name: getattr(element, name) for name in options} == options
    with pytest.raises(TypeError, match="colour"):
        kind(name="n", content=b"c", colour="red")
