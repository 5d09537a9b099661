"""What Teams sends as places, authors and texts, and texts as Teams shows them."""

from __future__ import annotations

from typing import Any

import pytest
from convo.bridge import Button, Part, Question, Task
from convo_teams.convert import activity_of, author_of, event_id_of, markup_of, place_of, rating_of, text_of
from convo_teams.hosts import is_at

TENANT = {"tenantId": "t"}


def _in(conversation: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"type": "message", "id": "1", "serviceUrl": "https://smba/", "conversation": conversation, **fields}


def test_places_are_told_from_each_other_by_tenant_conversation_and_root_message() -> None:
    conversations: list[dict[str, Any]] = [
        {"conversationType": "personal", "id": "a:1", **TENANT},
        {"conversationType": "personal", "id": "a:1", "tenantId": "u"},
        {"conversationType": "groupChat", "id": "19:x@thread.v2", **TENANT},
        {"conversationType": "channel", "id": "19:x@thread.tacv2;messageid=1", **TENANT},
        {"conversationType": "channel", "id": "19:x@thread.tacv2;messageid=2", **TENANT},
        {"conversationType": "channel", "id": "19:x@thread.tacv2", **TENANT},
    ]

    places = [place_of(_in(one)) for one in conversations]

    assert len({place.key for place in places}) == len(places)
    assert [place.is_direct for place in places] == [True, True, False, False, False, False]
    assert places[3].address["conversation"] == "19:x@thread.tacv2;messageid=1"


def test_an_author_is_his_object_id_in_his_tenant() -> None:
    sender = {"id": "29:abc", "aadObjectId": "o", "name": "Jo <b>*"}

    author = author_of(_in({"id": "a:1", **TENANT}, **{"from": sender}, locale="de-DE"))

    assert (author.id, author.name, author.email, author.language) == ("t:o", "Jo <b>*", None, "de-DE")
    assert author_of(_in({"id": "a:1", **TENANT}, **{"from": {"id": "29:abc"}})).id == "t:29:abc"


def test_an_edit_has_an_id_of_its_own() -> None:
    said = _in({"id": "a:1"}, timestamp="t1")

    assert event_id_of(said) == event_id_of({**said, "timestamp": "t2"}) == "1"
    assert len({event_id_of({**said, "type": "messageUpdate", "timestamp": time}) for time in ("t1", "t2", "t2")}) == 2


@pytest.mark.parametrize(
    ("text", "text_format", "said"),
    [
        ("<at>Convo</at> hello", "plain", "hello"),
        ("hello <at>Convo</at>&nbsp;\n", "plain", "hello"),
        ("<at>Convo</at> ask <at>Ann B</at>", "plain", "ask @Ann B"),
        ("<at>Convo</at> a &lt;b&gt; &amp;amp;", "plain", "a <b> &amp;"),
        ("<p><at>Convo</at> one</p><p>two &amp; <b>three</b></p>", "xml", "one\ntwo & three"),
        ("<at>Convo</at>", "plain", ""),
        ("1 < 2 and 3 > 2", "plain", "1 < 2 and 3 > 2"),
    ],
)
def test_the_mention_of_the_bot_is_taken_away(text: str, text_format: str, said: str) -> None:
    entities = [
        {"type": "mention", "text": "<at>Convo</at>", "mentioned": {"id": "28:bot", "name": "Convo"}},
        {"type": "mention", "text": "<at>Ann B</at>", "mentioned": {"id": "29:ann", "name": "Ann B"}},
        {"type": "clientInfo", "locale": "en-US"},
        "nonsense",
    ]

    activity = {"text": text, "textFormat": text_format, "recipient": {"id": "28:bot"}, "entities": entities}

    assert text_of(activity) == said


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("Hello **you**, `a < b` and [x](https://x.example)", "Hello **you**, `a < b` and [x](https://x.example)"),
        ("# A *heading* #\ntext", "**A *heading***\ntext"),
        (
            "<at>Everyone</at> <b>x</b> </div> <!-- --> 1 < 2",
            "&lt;at>Everyone&lt;/at> &lt;b>x&lt;/b> &lt;/div> &lt;!-- --> 1 < 2",
        ),
        ("`<at>Everyone</at>` <at>x", "`<at>Everyone</at>` &lt;at>x"),
        ("```html\n<b># no | heading |</b>\n```\n<b>", "```html\n<b># no | heading |</b>\n```\n&lt;b>"),
        ("| A | Bee |\n|---|:-:|\n| 1 | 2 |", "```\nA  Bee\n-  ---\n1  2\n```"),
        ("| A | Bee |\n|---|:-:|\n| x \\| y | 2 |", "```\nA      Bee\n-----  ---\nx | y  2\n```"),
        ("| no table |", "| no table |"),
        ("~~~py\n# 1\n~~~\n# A", "```py\n# 1\n```\n**A**"),
        ("~~~md\n```\n<b>\n```\n~~~\n<b>", "````md\n```\n<b>\n```\n````\n&lt;b>"),
        ("````md\n```\n# x", "````md\n```\n# x"),
        ("- a\n    ```\n    # x\n    ```\n- [x] b", "- a\n    ```\n    # x\n    ```\n- ☑ b"),
        ("```a``` <b>", "```a``` &lt;b>"),
        ("![a cat](https://x.example/cat.png) ![b](javascript:alert)", "[a cat](https://x.example/cat.png) b"),
        ("", ""),
    ],
)
def test_markdown_is_as_teams_shows_it(text: str, markup: str) -> None:
    assert markup_of(text) == markup


def test_a_message_pings_nobody_and_its_card_sends_back_ids_alone() -> None:
    evil = "<at>Everyone</at> [x](https://evil.example)"
    buttons = (
        Button(kind="act", id="1", label=evil, tooltip=evil),
        Button(kind="reply", id="2", label="Reply"),
        Button(kind="open", id="3", label="Open", url="https://chat.example.com/thread/1"),
        Button(kind="good", id="4", label="👍"),
    )
    question = Question(id="2", kind="text")
    part = Part(key="s:0", text=evil, author=evil, kind="said", buttons=buttons, question=question, tasks=(Task(evil),))

    activity = activity_of(part, is_labelled=True)

    assert "<at>" not in activity["text"]
    assert not [one for one in activity.get("entities", ()) if one["type"] == "mention"]
    card = activity["attachments"][0]["content"]
    assert [block["type"] for block in card["body"]] == ["RichTextBlock", "Input.Text", "ActionSet"]
    actions = card["body"][2]["actions"]
    assert [one.get("data") for one in actions] == [{"convo": "act:1"}, {"convo": "reply:2"}, None]
    assert [one["associatedInputs"] for one in actions[:2]] == ["none", "auto"]
    assert activity["channelData"] == {"feedbackLoop": {"type": "default"}}


def test_an_answer_is_marked_as_made_by_ai_and_what_others_say_is_not() -> None:
    said, answered = Part(key="s:0", text="a", kind="said"), Part(key="s:1", text="b")

    assert "entities" not in activity_of(said, is_labelled=True)
    assert "entities" not in activity_of(answered, is_labelled=False)
    (label,) = activity_of(answered, is_labelled=True)["entities"]
    assert label["additionalType"] == ["AIGeneratedContent"]


@pytest.mark.parametrize(
    ("reaction", "feedback", "value", "comment"),
    [
        ("like", '{"feedbackText":"Nice"}', 1, "Nice"),
        ("dislike", '{"feedbackText":""}', 0, None),
        ("dislike", "words", 0, "words"),
        ("dislike", None, 0, None),
        ("shrug", '{"feedbackText":5}', None, None),
    ],
)
def test_thumbs_are_ratings(reaction: str, feedback: Any, value: int | None, comment: str | None) -> None:
    said = {"reaction": reaction, "feedback": feedback}
    activity = {"type": "invoke", "name": "message/submitAction", "replyToId": "7"}

    assert rating_of({**activity, "value": {"actionName": "feedback", "actionValue": said}}) == ("7", value, comment)
    assert rating_of({**activity, "value": {"actionName": "other"}}) is None


@pytest.mark.parametrize(
    ("url", "is_there"),
    [
        ("https://contoso.sharepoint.com/x?y=1", True),
        ("https://contoso-my.SharePoint.com:443/x", True),
        ("https://sharepoint.com.evil.example/x", False),
        ("https://evilsharepoint.com/x", False),
        ("http://contoso.sharepoint.com/x", False),
        ("https://contoso.sharepoint.com:8443/x", False),
        ("https://contoso.sharepoint.com@evil.example/x", False),
        ("https://evil.example\\@contoso.sharepoint.com/x", False),
        ("https://evil.example/contoso.sharepoint.com", False),
        ("https://contoso.sharepoint.com\n.evil.example/", False),
        ("https://[::1", False),
        ("https://onedrive.live.com/x", True),
        ("https://a.onedrive.live.com/x", False),
        ("file:///etc/passwd", False),
        (None, False),
        (5, False),
    ],
)
def test_only_hosts_of_microsoft_are_called(url: Any, is_there: bool) -> None:
    assert is_at(url, ("*.sharepoint.com", "onedrive.live.com")) is is_there
