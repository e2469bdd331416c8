"""A DynamoDB client that answers by a script and records what it was asked: no engine, no socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from botocore.exceptions import ClientError
from mypy_boto3_dynamodb import DynamoDBClient

Answer = Mapping[str, Any] | Exception | Callable[[dict[str, Any]], Mapping[str, Any]]
"""What a call returns, what it raises, or how to make its answer of its arguments."""


class RecordingDynamoDB:
    """Stands in for ``boto3.client("dynamodb")``.

    Attributes:
        calls: The calls so far, each the API operation's name in snake case with its arguments.
    """

    def __init__(self, *answers: Answer) -> None:
        """Make a client that gives these answers, one a call and in this order; one call more fails the test."""
        self._answers = list(answers)
        self.calls: list[tuple[str, dict[str, Any]]] = []

    @property
    def client(self) -> DynamoDBClient:
        """Itself, under the type that the code under test takes."""
        return cast(DynamoDBClient, self)

    @property
    def names(self) -> list[str]:
        """The names of the operations called."""
        return [name for name, _ in self.calls]

    @property
    def is_spent(self) -> bool:
        """Whether every answer of the script has been given."""
        return not self._answers

    def get_item(self, **arguments: Any) -> Mapping[str, Any]:
        """GetItem."""
        return self._answer("get_item", arguments)

    def put_item(self, **arguments: Any) -> Mapping[str, Any]:
        """PutItem."""
        return self._answer("put_item", arguments)

    def update_item(self, **arguments: Any) -> Mapping[str, Any]:
        """UpdateItem."""
        return self._answer("update_item", arguments)

    def query(self, **arguments: Any) -> Mapping[str, Any]:
        """Query."""
        return self._answer("query", arguments)

    def transact_write_items(self, **arguments: Any) -> Mapping[str, Any]:
        """TransactWriteItems."""
        return self._answer("transact_write_items", arguments)

    def _answer(self, name: str, arguments: dict[str, Any]) -> Mapping[str, Any]:
        self.calls.append((name, arguments))
        assert self._answers, f"a call of DynamoDB too many: {self.names}"
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer(arguments) if callable(answer) else answer


def client_error(code: str, status: int = 400, *, retries: int = 0, **members: Any) -> ClientError:
    """What botocore raises for an error answer.

    Args:
        code: DynamoDB's error code.
        status: The HTTP status.
        retries: How often botocore had sent the request again before this answer.
        members: Those that the answer has besides ``Error``.
    """
    response: Any = {
        "Error": {"Code": code, "Message": "for a human"},
        "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "ABC", "RetryAttempts": retries},
        **members,
    }
    return ClientError(response, "AnyOperation")


def condition_failed(item: Mapping[str, Any] | None = None, *, retries: int = 0) -> ClientError:
    """A failed condition that brings the item back, as with ReturnValuesOnConditionCheckFailure=ALL_OLD."""
    members: dict[str, Any] = {} if item is None else {"Item": item}
    return client_error("ConditionalCheckFailedException", retries=retries, **members)


def transaction_canceled(*reasons: str | Mapping[str, Any]) -> ClientError:
    """A canceled transaction; each reason a code, or the whole reason."""
    whole: Sequence[Mapping[str, Any]] = [{"Code": one} if isinstance(one, str) else one for one in reasons]
    return client_error("TransactionCanceledException", CancellationReasons=whole)
