"""What the page asks of the app itself: the info, the author's files, the pictures of authors."""

from __future__ import annotations

import os
from pathlib import Path

import convo
import pytest
from convo_server import create_app


@pytest.fixture
def folder(app: convo.App, tmp_path: Path) -> Path:
    """The app's folder, with files that anybody may have and files that nobody may."""
    public = tmp_path / "app" / "public"
    (public / "avatars").mkdir(parents=True)
    (public / "avatars" / "my_assistant.svg").write_text("<svg/>")
    (public / "logo.png").write_bytes(b"png")
    (public / "page.html").write_text("<script>alert(1)</script>")
    (public / "style.css").write_text("a {}")
    (public / ".env").write_text("secret")
    (tmp_path / "app" / "app.py").write_text("secret")
    (tmp_path / "app" / "convo.md").write_text("# Read me")
    os.symlink(tmp_path / "app" / "app.py", public / "link.txt")
    app.configure(str(tmp_path / "app"), {"server": {"headless": True}})
    return tmp_path / "app"


async def test_the_page_is_told_about_the_app_and_nobody_else_is(start, app, folder):
    app.set_starters(lambda user, language, profile: [convo.Starter(f"{language}", "Hi")])
    server = await start(app, create_app(app))
    client = await server.client()

    info = (await client.http.get("api/v1/app", params={"language": "de"})).json()
    assert info["readme"] == "# Read me"
    assert info["starters"] == [{"label": "de", "message": "Hi"}]
    assert info["avatars"] == {"my_assistant": "avatars/my_assistant"}
    spoken = await client.http.get("api/v1/app", headers={"Accept-Language": "fr-CH, en;q=0.5"})
    assert spoken.json()["starters"][0]["label"] == "fr-CH"
    foreign = await client.http.get("api/v1/app", headers={"Origin": "https://evil.example"})
    assert foreign.is_client_error
    client.http.cookies.clear()
    assert (await client.http.get("api/v1/app")).status_code == 401


async def test_public_files_are_served_and_others_are_not(start, app, folder):
    client = await (await start(app, create_app(app))).client()

    logo = await client.http.get("public/logo.png")
    assert (logo.status_code, logo.content, logo.headers["content-type"]) == (200, b"png", "image/png")
    assert logo.headers["x-content-type-options"] == "nosniff"
    again = await client.http.get("public/logo.png", headers={"If-None-Match": logo.headers["etag"]})
    assert again.status_code == 304
    for path in (
        "public/",
        "public/avatars",
        "public/missing.png",
        "public/.env",
        "public/link.txt",
        "public/%2e%2e/app.py",
        "public/..%2fapp.py",
        "public/avatars/..%2f..%2f..%2fapp.py",
        "public/%2fetc%2fpasswd",
        "public/logo.png%00.html",
        "public/" + "x" * 5000,
    ):
        response = await client.http.get(path)
        assert (response.status_code, "secret" in response.text) == (404, False), path


async def test_nothing_public_runs_in_the_app_s_name(start, app, folder):
    client = await (await start(app, create_app(app))).client()

    page = await client.http.get("public/page.html")
    assert page.headers["content-disposition"] == "attachment"
    assert page.headers["content-security-policy"].startswith("sandbox;")
    picture = await client.http.get("public/avatars/my_assistant.svg")
    assert picture.headers["content-security-policy"].startswith("sandbox;")
    assert "content-disposition" not in picture.headers


async def test_an_author_s_name_finds_his_picture(start, app, folder):
    client = await (await start(app, create_app(app))).client()

    for name in ("My%20Assistant", "my-assistant", "MY_ASSISTANT"):
        response = await client.http.get(f"avatars/{name}")
        assert (response.status_code, response.headers["content-type"]) == (200, "image/svg+xml")
    for name in ("nobody", "..%2fapp", "%2e%2e", "%00"):
        assert (await client.http.get(f"avatars/{name}")).status_code == 404


async def test_a_callback_that_fails_costs_only_what_it_would_have_said(start, app, folder, caplog):
    @app.set_chat_profiles
    async def fail() -> list[convo.ChatProfile]:
        raise ZeroDivisionError

    client = await (await start(app, create_app(app))).client()
    response = await client.http.get("api/v1/app")

    assert (response.status_code, response.json()["readme"]) == (200, "# Read me")
    assert "`set_chat_profiles` raised an exception" in caplog.text
