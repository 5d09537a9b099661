"""`python -m convo`: the `convo` command, which another package brings."""

import sys
from importlib.metadata import PackageNotFoundError, distribution

__all__ = ["main"]

_PACKAGE = "convo-run"


def main() -> None:
    """Run the `convo` command, or say what to install."""
    try:
        commands = distribution(_PACKAGE).entry_points.select(group="console_scripts", name="convo")
    except PackageNotFoundError:
        sys.exit(f"The `convo` command is not installed; install it with: pip install {_PACKAGE}")
    (command,) = commands
    command.load()()


if __name__ == "__main__":
    main()
