"""With `CI=true` no test is skipped."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "story",
    [
        'def test_it(): pytest.skip("no database")',
        '@pytest.mark.skipif(True, reason="no database")\ndef test_it(): ...',
        'pytest.skip("no database", allow_module_level=True)',
    ],
)
@pytest.mark.parametrize(("ci", "is_refused"), [("true", True), ("", False)])
def test_a_skipped_test_fails_in_ci_alone(tmp_path: Path, story: str, ci: str, is_refused: bool) -> None:
    shutil.copy(ROOT / "conftest.py", tmp_path)
    (tmp_path / "test_story.py").write_text(f"import pytest\n\n\ndef test_other(): ...\n\n\n{story}\n")

    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--rootdir", str(tmp_path), "-c", os.devnull, str(tmp_path)],
        env={**os.environ, "CI": ci},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ("With CI=true nothing is skipped. Skipped: no database" in result.stdout) == is_refused, result.stdout
    assert (result.returncode not in (0, 5)) == is_refused
