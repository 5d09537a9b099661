"""S3's errors in convo's words: what is not there, what never works until a setting changes, what may in a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from convo.errors import DataLayerError, MisconfiguredError, NotFoundError, UnavailableError

__all__ = ["translated"]

_MISSING = ("404", "NoSuchKey", "NotFound")
_MISCONFIGURED = (
    "301",
    "400",
    "403",
    "AccessDenied",
    "AuthorizationHeaderMalformed",
    "ExpiredToken",
    "Forbidden",
    "IllegalLocationConstraintException",
    "InvalidAccessKeyId",
    "InvalidBucketName",
    "InvalidToken",
    "PermanentRedirect",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
)
_UNAVAILABLE = ("OperationAborted", "RequestTimeout", "SlowDown", "Throttling", "ThrottlingException")


@contextmanager
def translated(bucket: str, key: str = "") -> Iterator[None]:
    """Raise a `DataLayerError` for whatever botocore or the network raises inside."""
    import aiohttp
    from botocore import exceptions as aws

    where = f"`s3://{bucket}/{key}`"
    try:
        yield
    except aws.ClientError as error:
        if error.response.get("Error", {}).get("Code") == "NoSuchBucket":
            raise MisconfiguredError(f"There is no bucket `{bucket}`; make it, or change `[storage] url`.") from error
        raise _translate(error.response, str(error), where) from error
    except (
        aws.ConnectionError,
        aws.HTTPClientError,
        aws.IncompleteReadError,
        aiohttp.ClientError,
        OSError,
        TimeoutError,
    ) as error:
        raise UnavailableError(f"The storage ({where}) does not answer: {error}") from error
    except aws.BotoCoreError as error:  # credentials, region, profile: before anything was sent
        raise MisconfiguredError(
            f"The storage ({where}) cannot be used; check `[storage] url` and the credentials of AWS: {error}"
        ) from error


def _translate(response: object, text: str, where: str) -> DataLayerError:
    told = response if isinstance(response, dict) else {}
    code = str(told.get("Error", {}).get("Code", ""))
    status = told.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _MISSING:
        return NotFoundError(f"There is no {where}.")
    if code in _MISCONFIGURED:
        return MisconfiguredError(
            f"The storage ({where}) cannot be used; check `[storage] url` and the credentials of AWS: {text}"
        )
    if code in _UNAVAILABLE or status >= 500:
        return UnavailableError(f"The storage ({where}) does not answer: {text}")
    return DataLayerError(f"The storage ({where}) refused: {text}")
