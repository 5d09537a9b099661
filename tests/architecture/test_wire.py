"""What is generated from the wire's structs is what they say, and drift is an error."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_schema_and_typescript_are_fresh() -> None:
    result = subprocess.run(
        [sys.executable, "scripts/wire.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stderr


def test_drift_is_an_error(tmp_path: Path) -> None:
    scripts = ("scripts/wire.py", "scripts/generated.py")
    for name in ("docs/protocol.schema.json", "packages/ui/client/src/protocol.gen.ts", *scripts):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    generated = tmp_path / "packages/ui/client/src/protocol.gen.ts"
    generated.write_text(generated.read_text("utf-8").replace("priorId", "priorID"))

    result = subprocess.run(
        [sys.executable, str(tmp_path / "scripts/wire.py"), "--check"], capture_output=True, text=True, check=False
    )

    assert result.returncode == 1
    assert "protocol.gen.ts is not what the structs say" in result.stderr
