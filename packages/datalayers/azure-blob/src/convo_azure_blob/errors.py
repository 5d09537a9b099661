"""Azure's errors in convo's words: what is not there, what needs another setting, what may work in a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from convo.errors import DataLayerError, MisconfiguredError, NotFoundError, UnavailableError

__all__ = ["translated"]

_BUSY = (408, 429)


@contextmanager
def translated(container: str, key: str = "") -> Iterator[None]:
    """Raise a `DataLayerError` for whatever Azure's libraries or the network raise inside."""
    import aiohttp
    from azure.core import exceptions as azure

    where = f"`azure://{container}/{key}`"
    try:
        yield
    except azure.ClientAuthenticationError as error:
        raise _misconfigured(error, where) from error
    except azure.HttpResponseError as error:
        if error.status_code == 404 and "Container" in str(getattr(error, "error_code", "")):
            raise MisconfiguredError(
                f"There is no container `{container}`; make it, or change `[storage] url`."
            ) from error
        raise _translate(error, error.status_code or 0, where) from error
    except (azure.AzureError, aiohttp.ClientError, OSError, TimeoutError) as error:
        raise UnavailableError(f"The storage ({where}) does not answer: {error}") from error


def _translate(error: Exception, status: int, where: str) -> DataLayerError:
    if status == 404:
        return NotFoundError(f"There is no {where}.")
    if status in (401, 403) or "ResourceName" in str(getattr(error, "error_code", "")):
        return _misconfigured(error, where)
    if status in _BUSY or status >= 500 or not status:
        return UnavailableError(f"The storage ({where}) does not answer: {_first_line(error)}")
    return DataLayerError(f"The storage ({where}) refused: {_first_line(error)}")


def _misconfigured(error: Exception, where: str) -> MisconfiguredError:
    text = _first_line(error)
    return MisconfiguredError(
        f"The storage ({where}) cannot be used; check `[storage] url` and the credentials of Azure: {text}"
    )


def _first_line(error: Exception) -> str:
    """Azure adds what the request and its answer were."""
    return str(error).strip().partition("\n")[0]
