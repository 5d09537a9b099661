"""Writes `teams-app.zip`, which Teams takes as an app: the manifest with the id of your bot, and its two icons.

    python teams/pack.py

Icons of your own are put beside this file as `color.png` (192 × 192) and `outline.png` (32 × 32, white on nothing).
"""

import os
import struct
import sys
import uuid
import zipfile
import zlib
from pathlib import Path

from convo.config import load_dotenv

HERE = Path(__file__).parent
BLUE, WHITE, NOTHING = (37, 99, 235, 255), (255, 255, 255, 255), (0, 0, 0, 0)
Colour = tuple[int, int, int, int]


def main() -> None:
    load_dotenv(HERE.parent)
    try:
        bot = str(uuid.UUID(os.environ.get("TEAMS_APP_ID", "")))
    except ValueError:
        sys.exit("Write the bot's Microsoft App ID into `.env` as TEAMS_APP_ID; it is like 00000000-0000-0000-….")
    file = HERE.parent / "teams-app.zip"
    pack(file, bot)
    sys.stdout.write(f"Wrote {file.name}: in Teams, choose Apps, Manage your apps, Upload an app.\n")


def pack(file: Path, bot: str) -> None:
    manifest = (HERE / "manifest.json").read_text("utf-8").replace("TEAMS_APP_ID", bot)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("manifest.json", manifest)
        package.writestr("color.png", _icon("color.png", 192, BLUE, WHITE))
        package.writestr("outline.png", _icon("outline.png", 32, NOTHING, WHITE))


def _icon(name: str, size: int, ground: Colour, ink: Colour) -> bytes:
    """The icon beside this file; without one, a ring."""
    own = HERE / name
    if own.exists():
        return own.read_bytes()
    middle, rows = (size - 1) / 2, []
    for y in range(size):
        far = [((x - middle) ** 2 + (y - middle) ** 2) ** 0.5 / size for x in range(size)]
        rows.append(b"\0" + b"".join(bytes(ink if 0.22 < one < 0.34 else ground) for one in far))
    head = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    body = zlib.compress(b"".join(rows), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


if __name__ == "__main__":
    main()
