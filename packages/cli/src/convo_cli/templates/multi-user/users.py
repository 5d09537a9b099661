"""Who may log in: names, roles and hashed passwords, kept in the database that has the chats too.

python users.py add ann --role admin     asks for a password; a name that is there gets another
python users.py list
python users.py remove ann
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import hashlib
import hmac
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import convo
import sqlalchemy as sa
from convo.config import load_dotenv
from sqlalchemy.ext.asyncio import create_async_engine

ROLES = ("member", "admin")
SHORTEST = 12  # letters of a password
MEMORY = 64 * 1024 * 1024  # what hashing may take; scrypt with N = 2**15 and r = 8 takes half of it

_DRIVERS = {"postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg", "sqlite": "sqlite+aiosqlite"}
_TABLE = sa.Table(
    "app_users",
    sa.MetaData(),
    sa.Column("name", sa.String(200), primary_key=True),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("password", sa.String(300), nullable=False),
)


@dataclass(frozen=True)
class Member:
    """Somebody who may log in."""

    name: str
    role: str


class Users:
    """The users in the database at `url`. Open it before use, and close it after."""

    def __init__(self, url: str) -> None:
        parsed = sa.make_url(url)
        self._engine = create_async_engine(parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername)))

    async def open(self) -> None:
        async with self._engine.begin() as connection:
            await connection.run_sync(_TABLE.create, checkfirst=True)

    async def close(self) -> None:
        await self._engine.dispose()

    async def find(self, name: str, password: str) -> Member | None:
        """Whose name and password these are. It takes as long for a name that nobody has."""
        query = sa.select(_TABLE).where(_TABLE.c.name == tidy(name))
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        is_right = await convo.make_async(verify)(password, NOBODYS if row is None else row.password)
        return Member(row.name, row.role) if row is not None and is_right else None

    async def add(self, name: str, password: str, role: str = "member") -> None:
        """Let somebody in from now on. Whoever had the name before has this password and role."""
        if role not in ROLES:
            raise ValueError(f"There is no role `{role}`; there are {', '.join(ROLES)}.")
        if len(password) < SHORTEST:
            raise ValueError(f"A password has at least {SHORTEST} letters.")
        if not tidy(name):
            raise ValueError("A user needs a name.")
        hashed = await convo.make_async(hash_password)(password)
        async with self._engine.begin() as connection:
            await connection.execute(sa.delete(_TABLE).where(_TABLE.c.name == tidy(name)))
            await connection.execute(sa.insert(_TABLE).values(name=tidy(name), role=role, password=hashed))

    async def remove(self, name: str) -> bool:
        """Let somebody in no longer; whether he was there. Where he is signed in he stays so until he logs out."""
        async with self._engine.begin() as connection:
            done = await connection.execute(sa.delete(_TABLE).where(_TABLE.c.name == tidy(name)))
        return bool(done.rowcount)

    async def list(self) -> Sequence[Member]:
        async with self._engine.connect() as connection:
            rows = await connection.execute(sa.select(_TABLE.c.name, _TABLE.c.role).order_by(_TABLE.c.name))
            return [Member(row.name, row.role) for row in rows]


def tidy(name: str) -> str:
    """Names differ by more than case and blanks."""
    return " ".join(name.split()).casefold()


def hash_password(password: str) -> str:
    """What is kept of a password: how it was hashed, a salt of its own, and the digest."""
    salt = secrets.token_bytes(16)
    return f"scrypt$15$8$3${salt.hex()}${_digest(password, salt, 15, 8, 3).hex()}"


def verify(password: str, hashed: str) -> bool:
    _, n, r, p, salt, digest = hashed.split("$")
    return hmac.compare_digest(_digest(password, bytes.fromhex(salt), int(n), int(r), int(p)), bytes.fromhex(digest))


def _digest(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=1 << n, r=r, p=p, maxmem=MEMORY)


NOBODYS = f"scrypt$15$8$3${'00' * 16}${'00' * 64}"


def database() -> str:
    """Where the app keeps its chats, and its users."""
    url = convo.Config.load(Path(__file__).parent).data.url
    if url is None or url == "memory":
        raise SystemExit("Say which database: set CONVO_DATA__URL, as postgresql://user:password@host/name.")
    return url


async def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="Who may log in.")
    commands = parser.add_subparsers(dest="command", required=True)
    add = commands.add_parser("add", help="let somebody in, or give a new password")
    add.add_argument("name")
    add.add_argument("--role", choices=ROLES, default="member")
    commands.add_parser("remove", help="let somebody in no longer").add_argument("name")
    commands.add_parser("list", help="who may log in")
    asked = parser.parse_args(arguments)
    load_dotenv(Path(__file__).parent)  # as `convo` does before it loads the app
    users = Users(database())
    await users.open()
    try:
        if asked.command == "list":
            for member in await users.list():
                print(f"{member.name}\t{member.role}")
        elif asked.command == "remove":
            if not await users.remove(asked.name):
                raise SystemExit(f"There is no user `{asked.name}`.")
        else:
            await users.add(asked.name, _ask(), asked.role)
    except ValueError as error:
        raise SystemExit(str(error)) from error
    finally:
        await users.close()


def _ask() -> str:
    """The password, typed blindly at a terminal, or the first line of what is piped in."""
    return getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
