"""Google's errors in convo's words: what is not there, what needs another setting, what may work in a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from convo.errors import DataLayerError, MisconfiguredError, NotFoundError, UnavailableError

__all__ = ["translated"]

_BUSY = (408, 429)


@contextmanager
def translated(bucket: str, key: str = "") -> Iterator[None]:
    """Raise a `DataLayerError` for whatever Google's libraries or the network raise inside."""
    from google.api_core import exceptions as api
    from google.auth import exceptions as auth

    where = f"`gs://{bucket}/{key}`"
    try:
        yield
    except api.GoogleAPICallError as error:
        if error.code == 404 and "bucket" in error.message.lower() and "object" not in error.message.lower():
            raise MisconfiguredError(f"There is no bucket `{bucket}`; make it, or change `[storage] url`.") from error
        raise _translate(error, int(error.code or 0), where) from error
    except (auth.TransportError, api.RetryError, OSError, TimeoutError) as error:
        if isinstance(error, auth.RefreshError):
            raise _misconfigured(error, where) from error
        raise UnavailableError(f"The storage ({where}) does not answer: {error}") from error
    except auth.GoogleAuthError as error:
        raise _misconfigured(error, where) from error


def _translate(error: Exception, status: int, where: str) -> DataLayerError:
    if status == 404:
        return NotFoundError(f"There is no {where}.")
    if status in (401, 403):
        return _misconfigured(error, where)
    if status in _BUSY or status >= 500:
        return UnavailableError(f"The storage ({where}) does not answer: {error}")
    return DataLayerError(f"The storage ({where}) refused: {error}")


def _misconfigured(error: Exception, where: str) -> MisconfiguredError:
    return MisconfiguredError(
        f"The storage ({where}) cannot be used; check `[storage] url` and the credentials of Google: {error}"
    )
