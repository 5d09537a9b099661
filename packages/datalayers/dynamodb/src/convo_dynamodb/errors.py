"""DynamoDB's errors in convo's words: what never works until a setting changes, and what may work in a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from botocore import exceptions as aws
from convo.errors import DataLayerError, MisconfiguredError, UnavailableError

from convo_dynamodb.urls import Address

__all__ = ["code_of", "is_passing", "translated"]

_PASSING = {
    "InternalServerError",
    "InternalFailure",
    "LimitExceededException",
    "ProvisionedThroughputExceeded",  # as a transaction says it, and `ThrottlingError`
    "ProvisionedThroughputExceededException",
    "ReplicatedWriteConflictException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "ThrottledException",
    "Throttling",
    "ThrottlingError",
    "ThrottlingException",
    "TransactionConflict",
    "TransactionConflictException",
    "TransactionInProgressException",
}
_MISCONFIGURED = {
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "NotAuthorized",
    "OptInRequired",
    "ResourceNotFoundException",
    "SignatureDoesNotMatch",
    "UnauthorizedOperation",
    "UnrecognizedClientException",
}
_NO_ANSWER = (aws.HTTPClientError, aws.ConnectionError, OSError, TimeoutError)
_UNSET = (
    aws.ConfigNotFound,
    aws.ConfigParseError,
    aws.CredentialRetrievalError,
    aws.InvalidRegionError,
    aws.NoCredentialsError,
    aws.NoRegionError,
    aws.PartialCredentialsError,
    aws.ProfileNotFound,
    aws.SSOError,
    aws.TokenRetrievalError,
    aws.InvalidConfigError,
)


@contextmanager
def translated(address: Address) -> Iterator[None]:
    """Raise a `DataLayerError` for whatever the vendor's library or the network raises inside."""
    try:
        yield
    except (aws.BotoCoreError, aws.ClientError, OSError, ValueError, msgspec.MsgspecError) as error:
        raise _translate(error, address) from error


def is_passing(error: BaseException) -> bool:
    """Whether the same call may work in a moment: throttled, in another transaction's way, or nobody answered."""
    if isinstance(error, aws.ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return code_of(error) in _PASSING or status >= 500
    return isinstance(error, _NO_ANSWER)


def code_of(error: aws.ClientError) -> str:
    """What DynamoDB calls it. Of a cancelled transaction: the first of its reasons that is not a failed condition."""
    code: str = error.response.get("Error", {}).get("Code", "")
    if code == "TransactionCanceledException":
        reasons = [reason.get("Code") for reason in error.response.get("CancellationReasons", [])]
        if "ConditionalCheckFailed" in reasons:
            return "ConditionalCheckFailedException"
        return next((reason for reason in reasons if reason not in (None, "None")), code)
    return code


def _translate(error: Exception, address: Address) -> DataLayerError:
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, msgspec.MsgspecError):
        return DataLayerError(f"What is stored cannot be read; perhaps a later version of convo wrote it: {text}")
    if isinstance(error, UnicodeEncodeError):
        return DataLayerError(f"The history (`{address}`) holds no text with half of a surrogate pair in it.")
    if isinstance(error, _UNSET) or (isinstance(error, aws.ClientError) and code_of(error) in _MISCONFIGURED):
        return MisconfiguredError(f"The history cannot be opened; check `[data] url` (`{address}`): {text}")
    if is_passing(error):
        return UnavailableError(f"The history (`{address}`) does not answer: {text}")
    if isinstance(error, ValueError) and not isinstance(error, aws.BotoCoreError):
        # botocore raises them for an endpoint that is no address.
        return MisconfiguredError(f"The history cannot be opened; check `[data] url` (`{address}`): {text}")
    return DataLayerError(f"The history (`{address}`) refused: {text}")
