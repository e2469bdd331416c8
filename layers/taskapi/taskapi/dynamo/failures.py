"""What DynamoDB says when it does not do as asked, as exceptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import (
    ChecksumError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
)
from botocore.exceptions import ConnectionError as NoConnection
from botocore.parsers import ResponseParserError

from taskapi.dynamo.client import DAMAGED, OutOfTime
from taskapi.errors import StorageFull, StoreUnavailable, TooManyRequests

if TYPE_CHECKING:
    from taskapi.dynamo.attributes import Item

# "Error handling with DynamoDB", Amazon DynamoDB Developer Guide; botocore retries them before we see them.
_THROTTLES: Final = frozenset(
    {"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException", "Throttling"}
)
# Another transaction holds an item at this moment. botocore does not retry these; Table does.
_CONFLICTS: Final = frozenset({"TransactionConflictException", "TransactionInProgressException"})
_CANCELED_BY_THROTTLE: Final = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError"})
# No connection, no reply in time, half a reply, a damaged one, or no credentials to be had at the moment.
_UNREACHABLE: Final = (
    NoConnection,
    HTTPClientError,
    ResponseParserError,
    IncompleteReadError,
    ChecksumError,
    CredentialRetrievalError,
    OutOfTime,
)


class Conflict(Exception):
    """Another transaction is at work on an item of this request."""

    def __init__(self, *, was_resent: bool) -> None:
        self.was_resent = was_resent


class TransactionRefused(Exception):
    """A condition of a transaction did not hold, and nothing of it was written.

    ``items`` are, for each put, the item that is there; None where its condition held or there is none.
    """

    def __init__(self, items: Sequence[Item | None]) -> None:
        super().__init__()  # without the items, which would be part of its text otherwise
        self.items = items


class ConditionFailed(Exception):
    """A write's condition did not hold for ``item`` (None: there is none).

    Where it ``was_resent``, the request had been sent before, and may have been applied then.
    """

    def __init__(self, item: Item | None, *, was_resent: bool = False) -> None:
        super().__init__()  # as above
        self.item = item
        self.was_resent = was_resent


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise what another try may cure as a StoreError, and a refusal as one of the above.

    The rest (a missing permission or table, an expression that we built wrongly) is a fault of ours and passes through.
    """
    try:
        yield
    except ClientError as error:
        # Any: botocore parses the returned items as any other, but the type stubs don't know of them.
        answer: Any = error.response
        code = answer["Error"]["Code"]
        was_resent = answer["ResponseMetadata"].get("RetryAttempts", 0) > 0
        if DAMAGED in answer:
            raise StoreUnavailable from error
        if code == "ConditionalCheckFailedException":
            raise ConditionFailed(answer.get("Item"), was_resent=was_resent) from None
        if code == "ItemCollectionSizeLimitExceededException":
            raise StorageFull from None
        if code == "TransactionCanceledException":
            _raise_cancellation(answer["CancellationReasons"], error, was_resent=was_resent)
        if code in _CONFLICTS:
            raise Conflict(was_resent=was_resent) from error
        if code in _THROTTLES:
            raise TooManyRequests from error
        # A bare number is botocore's code for an error whose body it could not read: damaged, or not DynamoDB's.
        if answer["ResponseMetadata"]["HTTPStatusCode"] >= 500 or code.isdigit():
            raise StoreUnavailable from error
        raise
    except _UNREACHABLE as error:
        raise StoreUnavailable from error


def _raise_cancellation(reasons: Sequence[Mapping[str, Any]], error: ClientError, *, was_resent: bool) -> None:
    """A refusal, a full partition, a conflict or a throttle, in this order: what is final before what may pass."""
    codes = {reason["Code"] for reason in reasons}
    if "ConditionalCheckFailed" in codes:
        raise TransactionRefused([reason.get("Item") for reason in reasons]) from None
    if "ItemCollectionSizeLimitExceeded" in codes:
        raise StorageFull from None
    if "TransactionConflict" in codes:
        raise Conflict(was_resent=was_resent) from error
    if codes & _CANCELED_BY_THROTTLE:
        raise TooManyRequests from error
